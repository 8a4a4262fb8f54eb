import { describe, expect, it } from 'vitest';
import { fromKurento, fromReply, KurentoError } from './kurento-error.js';

describe('an error of Kurento', () => {
  it.each([
    [40101, 'media-gone'],
    [40009, 'media-full'],
    [40007, 'media-unavailable'],
    [40201, 'bad-sdp'],
    [40205, 'bad-sdp'],
    [40207, 'bad-sdp'],
    [40401, 'bad-candidate'],
    [40208, 'internal'],
    [40001, 'internal'],
    [-32601, 'internal'],
  ])('%i is %s to the caller', (code, expected) => {
    expect(fromKurento(new KurentoError(code, 'text')).code).toBe(expected);
  });

  it('rides along as the cause, with its data', () => {
    const reply = Object.assign(new Error('not found'), {
      code: 40101,
      data: { type: 'MEDIA_OBJECT_NOT_FOUND' },
    });
    expect(fromReply(reply).cause).toMatchObject({
      name: 'KurentoError',
      code: 40101,
      data: { type: 'MEDIA_OBJECT_NOT_FOUND' },
    });
  });

  it('that has no code never came from the server', () => {
    expect(fromReply(new Error('Connection error')).code).toBe('media-unavailable');
  });
});
