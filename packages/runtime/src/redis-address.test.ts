import { describe, expect, it } from 'vitest';
import { readRedisAddress, withoutPassword } from './redis-address.js';

describe('where Redis is', () => {
  it.each([
    ['redis://a', { kind: 'single', host: { host: 'a', port: 6379 }, db: 0, isTls: false }],
    ['rediss://me:p%40ss@a:1/2', { kind: 'single', username: 'me', password: 'p@ss', db: 2, isTls: true }],
    ['redis://:secret@[::1]:7000', { kind: 'single', password: 'secret', host: { host: '::1', port: 7000 } }],
    [
      'redis+sentinel://:secret@a,b:26380/main?db=1',
      {
        ...{ kind: 'sentinel', master: 'main', password: 'secret', db: 1 },
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 26380 },
        ],
      },
    ],
    [
      'rediss+cluster://a:7000,b:7001',
      {
        ...{ kind: 'cluster', isTls: true },
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 7001 },
        ],
      },
    ],
  ])('is read from %s', (text, address) => {
    expect(readRedisAddress(text)).toMatchObject(address);
  });

  it.each([
    '',
    'http://a',
    'redis://',
    'redis://a,b',
    'redis://a:0',
    'redis://a:70000',
    'redis://a/name',
    'redis+sentinel://a:26379',
    'redis+cluster://a/1',
    'redis+cluster://a,,b',
  ])('is not to be read from "%s"', text => {
    expect(readRedisAddress(text)).toBeUndefined();
  });

  it('is told without its password', () => {
    expect(withoutPassword('redis+sentinel://me:secret@a,b/main')).toBe('redis+sentinel://me:***@a,b/main');
    expect(withoutPassword('redis://a:6379')).toBe('redis://a:6379');
  });
});
