import { expect, it } from 'vitest';
import { backoffMs } from './backoff.js';

it('grows to the ceiling and jitters over the whole range', () => {
  const options = { baseMs: 100, maxMs: 5_000 };
  expect([0, 1, 2, 10, 1000].map(attempt => backoffMs(attempt, options, () => 0.999_999))).toEqual([
    99, 199, 399, 4999, 4999,
  ]);
  expect(backoffMs(3, options, () => 0)).toBe(0);
});
