import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.js';

it('gives a burst, then its rate, and says how long to wait', () => {
  const bucket = new TokenBucket(2, 3);
  expect([0, 0, 0, 0].map(atMs => bucket.take(atMs))).toEqual([0, 0, 0, 500]);
  expect(bucket.take(250)).toBe(250);
  expect(bucket.take(500)).toBe(0);
  expect(bucket.take(501)).toBeGreaterThan(400);
});

it('keeps no more than a burst, however long nobody asks', () => {
  const bucket = new TokenBucket(1, 2);
  bucket.take(0);
  expect([60_000, 60_000, 60_000].map(atMs => bucket.take(atMs) === 0)).toEqual([true, true, false]);
});
