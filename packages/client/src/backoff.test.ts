import { describe, expect, it } from 'vitest';
import { askBackoff, fullJitterMs, halfJitterMs, reconnectBackoff } from './backoff.js';

describe('the delay before a reconnect', () => {
  it('is nearly nothing at first and never more than five seconds', () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 50, 5_000].map(n => fullJitterMs(n, reconnectBackoff, () => 1));
    expect(ceilings).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  it('spreads an audience over the whole range', () => {
    expect(fullJitterMs(9, reconnectBackoff, () => 0)).toBe(0);
    expect(fullJitterMs(9, reconnectBackoff, () => 0.5)).toBe(2_500);
  });
});

describe('the delay before asking for a presenter again', () => {
  it('grows to a ceiling', () => {
    const longest = [0, 1, 2, 3, 4, 5, 50, 5_000].map(times => halfJitterMs(times, askBackoff, () => 1));
    expect(longest[0]).toBe(1_500);
    expect(longest).toEqual([...longest].sort((a, b) => a - b));
    expect(longest.at(-1)).toBe(8_000);
  });

  it('never asks at once, and spreads an audience over half of the delay', () => {
    expect(halfJitterMs(0, askBackoff, () => 0)).toBe(750);
    expect(halfJitterMs(100, askBackoff, () => 0)).toBe(4_000);
  });
});
