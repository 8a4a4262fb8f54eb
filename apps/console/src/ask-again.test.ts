import { describe, expect, it } from 'vitest';
import { askAgainDelayMs } from './ask-again.js';

describe('asking again', () => {
  it('grows to a ceiling', () => {
    const longest = [0, 1, 2, 3, 4, 5, 50, 5_000].map(times => askAgainDelayMs(times, () => 1));
    expect(longest[0]).toBe(1_500);
    expect(longest).toEqual([...longest].sort((a, b) => a - b));
    expect(longest.at(-1)).toBe(8_000);
  });

  it('never asks at once, and spreads an audience over half of the delay', () => {
    expect(askAgainDelayMs(0, () => 0)).toBe(750);
    expect(askAgainDelayMs(100, () => 0)).toBe(4_000);
  });
});
