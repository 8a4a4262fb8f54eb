import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { startRedisServer } from './redis-server.js';

test('a private server: empty after an outage on the same port, nothing left after stop', async () => {
  const server = await startRedisServer();
  const folder = await ask(server.url, async redis => {
    await redis.set('room', 'one');
    return /dir\W+(\/[^",]+)/.exec(JSON.stringify(await redis.config('GET', 'dir')))?.[1] as string;
  });
  expect(existsSync(folder)).toBe(true);
  await server.kill();
  await server.start();
  expect(await ask(server.url, redis => redis.get('room'))).toBeNull();
  await server.stop();
  expect(server.process.isRunning()).toBe(false);
  expect(existsSync(folder)).toBe(false);
});

async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}
