import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Expiry } from '@manycast/core';
import { asSessionId, RoomName } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProcess } from '../../../test/support/child-process.js';
import { type PrivateRedis, startRedisServer } from '../../../test/support/redis-server.js';
import { neverWithin } from '../../../test/support/wait-for.js';
import { BullExpiryQueue } from './bull-expiry-queue.js';
import { queueName } from './expiry-job.js';
import { type ExpiryProcessor, ExpiryWorker } from './expiry-worker.js';
import { testConnections } from './testing/test-connections.js';

const log = createLogger({ name: 'test', level: 'silent' });
const stuckWorker = fileURLToPath(new URL('./testing/stuck-worker.mjs', import.meta.url));

let redis: PrivateRedis;
let prefix: string;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  redis = await startRedisServer();
});
afterEach(async () => {
  await Promise.all(ends.splice(0).map(end => end()));
});
afterAll(() => redis.stop());

function newQueue(): BullExpiryQueue {
  const queue = new BullExpiryQueue({
    redis: testConnections(redis.url),
    prefix,
    log,
    timeoutMs: 500,
  });
  ends.push(() => queue.close());
  return queue;
}

async function startWorker(processor: ExpiryProcessor): Promise<ExpiryWorker> {
  const worker = new ExpiryWorker(
    { redis: testConnections(redis.url), prefix, log, lockMs: 1_000 },
    processor,
  );
  await worker.start();
  ends.push(() => worker.stop());
  return worker;
}

const newExpiry = (): Expiry => ({
  room: RoomName.parse('a.room_with-all'),
  session: asSessionId(randomUUID()),
  epoch: 1,
});

/** A worker that notes what it did. */
async function startNotingWorker(done: Expiry[] = []): Promise<Expiry[]> {
  await startWorker(async expiry => {
    done.push(expiry);
    return 'done';
  });
  return done;
}

describe('expiries on BullMQ', () => {
  it('[R-OWN-3] the same one scheduled twice, by two nodes, happens once', async () => {
    prefix = `${randomUUID()}:{jobs}`;
    const [expiry, last] = [newExpiry(), newExpiry()];
    for (const queue of [newQueue(), newQueue()]) await queue.schedule(expiry, 50);
    await newQueue().schedule({ ...expiry, epoch: 2 }, 50);
    const done = await startNotingWorker();
    await newQueue().schedule(last, 200);
    await expect.poll(() => done, { timeout: 5_000 }).toContainEqual(last);
    expect(done).toEqual([expiry, { ...expiry, epoch: 2 }, last]);
  });

  it('[R-OWN-3] two workers do each of many once', async () => {
    prefix = `${randomUUID()}:{jobs}`;
    const queue = newQueue();
    const expiries = Array.from({ length: 200 }, newExpiry);
    const done: Expiry[] = [];
    await startNotingWorker(done);
    await startNotingWorker(done);
    await Promise.all(expiries.map((expiry, index) => queue.schedule(expiry, index % 100)));
    await expect.poll(() => done.length, { timeout: 10_000 }).toBe(200);
    expect(new Set(done.map(({ session }) => session)).size).toBe(200);
  });

  it('one that should have happened in the past happens now', async () => {
    prefix = `${randomUUID()}:{jobs}`;
    const expiry = newExpiry();
    await newQueue().schedule(expiry, -60_000);
    const done = await startNotingWorker();
    await expect.poll(() => done).toEqual([expiry]);
  });

  it('one that is over can be scheduled again, and leaves nothing behind', async () => {
    prefix = `${randomUUID()}:{jobs}`;
    const [queue, expiry] = [newQueue(), newExpiry()];
    const done = await startNotingWorker();
    await queue.schedule(expiry, 0);
    await expect.poll(() => done.length).toBe(1);
    await expect
      .poll(async () => {
        await queue.schedule(expiry, 0);
        return done.length;
      })
      .toBeGreaterThan(1);
    const bull = new Queue(queueName, { prefix, connection: { url: redis.url } });
    ends.push(() => bull.close());
    const counts = async () => Object.values(await bull.getJobCounts());
    await expect.poll(async () => (await counts()).reduce((sum, count) => sum + count)).toBe(0);
  });

  it('one that is not due yet is looked at again, one that failed is tried again', async () => {
    prefix = `${randomUUID()}:{jobs}`;
    const [early, failing] = [newExpiry(), newExpiry()];
    const looks = new Map<string, number>();
    await startWorker(async ({ session }) => {
      const look = (looks.get(session) ?? 0) + 1;
      looks.set(session, look);
      if (session === early.session) return look < 3 ? { againInMs: 20 } : 'done';
      if (look < 3) throw new Error('the store is away');
      return 'done';
    });
    const queue = newQueue();
    await Promise.all([queue.schedule(early, 0), queue.schedule(failing, 0)]);
    await expect.poll(() => [...looks.values()], { timeout: 5_000 }).toEqual([3, 3]);
  });

  it('[R-OWN-3] what a killed worker had begun is done by another', async () => {
    prefix = `${randomUUID()}:{jobs}`;
    const expiry = newExpiry();
    const stuck = await startProcess({
      name: 'a worker that is stuck',
      command: process.execPath,
      args: [stuckWorker, redis.url, prefix, queueName],
      ready: /ready/,
    });
    ends.push(() => stuck.stop());
    await newQueue().schedule(expiry, 0);
    await expect
      .poll(() => stuck.log.find(new RegExp(`begun ${expiry.session}`)), { timeout: 5_000 })
      .toBeTruthy();
    const done = await startNotingWorker();
    await neverWithin('it is done twice', 1_500, () => done.length > 0);
    stuck.kill('SIGKILL');
    await expect.poll(() => done, { timeout: 5_000 }).toEqual([expiry]);
  });

  it('[R-REDIS-1] a Redis that is away is told of at once, and used again when it is back', async () => {
    prefix = `${randomUUID()}:{jobs}`;
    const [queue, lost, expiry] = [newQueue(), newExpiry(), newExpiry()];
    const done = await startNotingWorker();
    await queue.schedule(lost, 60_000);
    await redis.kill();
    const beganAt = performance.now();
    await expect(queue.schedule(expiry, 0)).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterMs: 1_000,
    });
    expect(performance.now() - beganAt).toBeLessThan(1_000);
    await redis.start();
    await expect
      .poll(
        () =>
          queue.schedule(expiry, 0).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    await expect.poll(() => done, { timeout: 10_000 }).toEqual([expiry]);
  });

  it('stops in time also when Redis is away', async () => {
    prefix = `${randomUUID()}:{jobs}`;
    const [worker, queue] = [await startWorker(async () => 'done'), newQueue()];
    await queue.schedule(newExpiry(), 0);
    await redis.kill();
    const beganAt = performance.now();
    await Promise.all([worker.stop(), queue.close()]);
    expect(performance.now() - beganAt).toBeLessThan(4_000);
    await redis.start();
  });
});
