import { describe, expect, it } from 'vitest';
import { readFrame } from './frame.js';

describe('a frame', () => {
  it.each(['{bad', '', '{"a":1} trailing'])('%j is no JSON: the socket is to be dropped', text => {
    expect(readFrame(text, undefined)).toBeUndefined();
    expect(readFrame(text, 's')).toBeUndefined();
  });

  it.each(['[]', '7', '"text"', '{"params":[1]}', '{"params":"text"}'])(
    '%j has no place for the session of its socket',
    text => {
      expect(readFrame(text, 's')).toBeUndefined();
      expect(readFrame(text, undefined)).toEqual({ message: JSON.parse(text) });
    },
  );

  it('is given the session of its socket unless it names one', () => {
    expect(readFrame('{"id":1}', 's')).toEqual({ message: { id: 1, params: { sessionId: 's' } } });
    expect(readFrame('{"params":null}', 's')).toEqual({ message: { params: { sessionId: 's' } } });
    expect(readFrame('{"params":{"sessionId":{}}}', 's')).toEqual({
      message: { params: { sessionId: 's' } },
    });
    expect(readFrame('{"params":{"sessionId":"own"}}', 's')).toEqual({
      message: { params: { sessionId: 'own' } },
    });
    expect(readFrame('{"id":1}', undefined)).toEqual({ message: { id: 1 } });
  });
});
