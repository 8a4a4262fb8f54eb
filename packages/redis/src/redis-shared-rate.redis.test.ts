import { createLogger } from '@manycast/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrivateRedis, startRedisServer } from '../../../test/support/redis-server.js';
import { Keys } from './keys.js';
import { openRedis } from './open-redis.js';
import { RedisSharedRate } from './redis-shared-rate.js';

const log = createLogger({ name: 'test', level: 'silent' });
let server: PrivateRedis;
const opened: ReturnType<typeof openRedis>[] = [];

async function newNode() {
  const redis = openRedis({ url: server.url, commandTimeoutMs: 500, log });
  opened.push(redis);
  await redis.whenReady(2_000);
  const rate = new RedisSharedRate(redis.commands, new Keys('test'), { what: 'joins', max: 5, windowS: 60 });
  return { redis, rate };
}

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  for (const redis of opened) redis.close();
  await server.stop();
});

describe('a rate that nodes share', () => {
  it('counts what all of them see, and says how long it is over', async () => {
    const [one, other] = [await newNode(), await newNode()];
    const answers: number[] = [];
    for (let i = 0; i < 8; i += 1)
      answers.push((await (i % 2 === 0 ? one : other).rate.add('192.0.2.1')).overForMs);
    expect(answers.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(Math.min(...answers.slice(5))).toBeGreaterThan(50_000);
    expect((await one.rate.add('192.0.2.2')).overForMs).toBe(0);
  });

  it('is each node’s own while Redis is away', async () => {
    const { redis, rate } = await newNode();
    await server.kill();
    await expect.poll(() => redis.isReady(), { timeout: 5_000 }).toBe(false);
    const answers: number[] = [];
    for (let i = 0; i < 6; i += 1) answers.push((await rate.add('192.0.2.3')).overForMs);
    expect(answers.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(answers[5]).toBeGreaterThan(0);
    await server.start();
  });
});
