import { closeCodes } from '@manycast/protocol/wire';
import { describe, expect, it } from 'vitest';
import { finalError } from './close-decision.js';

describe('after a close', () => {
  it.each(Object.entries(closeCodes))('%s does what the protocol’s table says', (_reason, entry) => {
    expect(finalError(entry.code) === undefined).toBe(entry.reconnect);
  });

  it.each([1000, 1001, 1005, 1006, 1011, 1012, 1013, 1015, 4000, 4499])('%i connects again', code => {
    expect(finalError(code)).toBeUndefined();
  });

  it.each([1009, 4500, 4999])('%i is final', code => {
    expect(finalError(code)?.code).toBe('server-refuses');
  });

  it('tells a session that goes on elsewhere from one that is refused', () => {
    expect(finalError(4501)?.code).toBe('superseded');
    expect(finalError(4777, 'banned')?.message).toBe('banned');
  });
});
