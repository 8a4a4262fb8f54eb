import { expect, it } from 'vitest';
import { ReplyCache } from './reply-cache.js';

it('keeps a reply for 20 s, and the first one only', () => {
  const cache = new ReplyCache<string>();
  cache.add('s', '1', 'first', 1_000);
  cache.add('s', '1', 'second', 5_000);
  expect(cache.get('s', '1', 20_999)).toBe('first');
  expect(cache.get('s', '1', 21_000)).toBeUndefined();
  cache.add('s', '1', 'third', 21_000);
  expect(cache.get('s', '1', 22_000)).toBe('third');
});

it('tells sessions and requests apart, whatever they are called', () => {
  const cache = new ReplyCache<string>();
  cache.add('a', 'b,c', 'one', 0);
  cache.add('a,b', 'c', 'two', 0);
  cache.add('__proto__', 'toString', 'three', 0);
  expect([cache.get('a', 'b,c', 1), cache.get('a,b', 'c', 1)]).toEqual(['one', 'two']);
  expect(cache.get('__proto__', 'toString', 1)).toBe('three');
  expect(cache.get('a', 'c', 1)).toBeUndefined();
});

it('does not grow beyond what came in the last 20 s', () => {
  const cache = new ReplyCache<number>();
  for (let nowMs = 0; nowMs < 100_000; nowMs += 10) cache.add('s', String(nowMs), nowMs, nowMs);
  expect(cache.size).toBe(2_000);
  cache.forgetExpired(200_000);
  expect(cache.size).toBe(0);
});
