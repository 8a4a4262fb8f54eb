import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Lane } from '@manycast/core';
import { RoomName } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProcess } from '../../../test/support/child-process.js';
import { type PrivateRedis, startRedisServer } from '../../../test/support/redis-server.js';
import { neverWithin } from '../../../test/support/wait-for.js';
import type { Outcome } from './lasting-worker.js';
import { testConnections } from './testing/test-connections.js';
import { WebhookLanes } from './webhook-lanes.js';

const log = createLogger({ name: 'test', level: 'silent' });
const stuckWorker = fileURLToPath(new URL('./testing/stuck-worker.mjs', import.meta.url));
const timeout = 15_000;

let redis: PrivateRedis;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  redis = await startRedisServer();
});
afterEach(async () => {
  await Promise.all(ends.splice(0).map(end => end()));
});
afterAll(() => redis.stop());

const newPrefix = () => `${randomUUID()}:{jobs}`;
const rooms = (count: number) => Array.from({ length: count }, (_, i) => RoomName.parse(`room-${i}`));

async function startLanes(
  prefix: string,
  processor: (lane: Lane) => Promise<Outcome>,
  receivers = [{ id: 'a', concurrency: 8 }],
): Promise<WebhookLanes> {
  const lanes = new WebhookLanes(
    { redis: testConnections(redis.url), prefix, log, receivers, lockMs: 1_000 },
    processor,
  );
  await lanes.start();
  ends.push(() => lanes.stop());
  return lanes;
}

describe('lanes on BullMQ', () => {
  it('a room is one lane for every receiver; its name may be a number', async () => {
    const seen: string[] = [];
    const receivers = [
      { id: 'a', concurrency: 1 },
      { id: 'b', concurrency: 1 },
    ];
    const lanes = await startLanes(
      newPrefix(),
      async ({ receiver, room }) => {
        seen.push(`${receiver}/${room}`);
        return 'done';
      },
      receivers,
    );
    lanes.wake(RoomName.parse('42'));
    await expect.poll(() => seen.toSorted(), { timeout }).toEqual(['a/42', 'b/42']);
    expect(await lanes.counts('a')).toMatchObject({ delayed: 0 });
    expect(await lanes.counts('nobody')).toEqual({});
  });

  it('receivers come and go; what waits for one that has gone is there when it comes back', async () => {
    const seen: string[] = [];
    const [a, b] = [
      { id: 'a', concurrency: 1 },
      { id: 'b', concurrency: 2 },
    ] as const;
    const prefix = newPrefix();
    const processor = async ({ receiver, room }: Lane): Promise<Outcome> => {
      seen.push(`${receiver}/${room}`);
      return seen.length === 2 ? { againInMs: 500 } : 'done';
    };
    const lanes = await startLanes(prefix, processor, [a]);
    const [room, other] = rooms(2) as [RoomName, RoomName];
    lanes.wake(room);
    await expect.poll(() => seen, { timeout }).toEqual(['a/room-0']);
    await lanes.follow([b]);
    lanes.wake(room);
    await expect.poll(() => seen, { timeout }).toEqual(['a/room-0', 'b/room-0']);
    expect(await lanes.counts('a')).toEqual({});

    // It wants another turn, and has none before it is back, with more workers.
    await lanes.follow([]);
    lanes.wake(other);
    await lanes.follow([{ ...b, concurrency: 4 }]);
    await expect.poll(() => seen.slice(2), { timeout }).toEqual(['b/room-0']);
  });

  it('no lane has two turns at a time, whoever wakes it; and what comes during a turn is not slept over', async () => {
    const prefix = newPrefix();
    // What was written, and what has been seen of it: as an outbox would have it.
    const written = new Map<string, number>();
    const seen = new Map<string, number>();
    const under = new Set<string>();
    let overlaps = 0;
    const processor = async ({ room }: Lane): Promise<Outcome> => {
      if (under.has(room)) overlaps += 1;
      under.add(room);
      const found = written.get(room) ?? 0;
      await new Promise(resolve => setTimeout(resolve, Math.random() * 4));
      seen.set(room, found);
      under.delete(room);
      return 'done';
    };
    const controllers = [await startLanes(prefix, processor), await startLanes(prefix, processor)];
    const names = rooms(10);
    for (let i = 1; i <= 100; i += 1) {
      for (const room of names) {
        written.set(room, i);
        for (const lanes of controllers) lanes.wake(room);
      }
      await new Promise(resolve => setTimeout(resolve, 1));
    }
    await expect.poll(() => names.every(room => seen.get(room) === 100), { timeout }).toBe(true);
    expect(overlaps).toBe(0);
  });

  it('a waking in the middle of a turn is another turn', async () => {
    let turns = 0;
    let end: () => void = () => {};
    const ended = new Promise<void>(resolve => {
      end = resolve;
    });
    const lanes = await startLanes(newPrefix(), async () => {
      turns += 1;
      if (turns === 1) await ended;
      return 'done';
    });
    lanes.wake(RoomName.parse('a'));
    await expect.poll(() => turns, { timeout }).toBe(1);
    lanes.wake(RoomName.parse('a'));
    // On the same connection: when this is answered the waking has been, too.
    await lanes.counts('a');
    end();
    await expect.poll(() => turns, { timeout }).toBe(2);
  });

  it('a lane that waits for its next attempt holds up no other, and no other receiver', async () => {
    const seen: string[] = [];
    const receivers = [
      { id: 'slow', concurrency: 1 },
      { id: 'quick', concurrency: 1 },
    ];
    const hang = new Promise<never>(() => {});
    const lanes = await startLanes(
      newPrefix(),
      async ({ receiver, room }) => {
        if (receiver === 'slow') return hang;
        seen.push(room);
        return room === 'room-0' ? { againInMs: 600_000 } : 'done';
      },
      receivers,
    );
    for (const room of rooms(20)) lanes.wake(room);
    await expect.poll(() => new Set(seen).size, { timeout }).toBe(20);
    // One that waits is not hurried by what comes after.
    lanes.wake(RoomName.parse('room-0'));
    await neverWithin('a second turn', 300, () => seen.filter(room => room === 'room-0').length > 1);
    expect(await lanes.counts('quick')).toMatchObject({ delayed: 1 });
  });

  it('a turn that breaks off is done again', async () => {
    let turns = 0;
    const lanes = await startLanes(newPrefix(), async () => {
      turns += 1;
      if (turns < 3) throw new Error('the store is away');
      return turns < 5 ? { againInMs: 10 } : 'done';
    });
    lanes.wake(RoomName.parse('a'));
    await expect.poll(() => turns, { timeout }).toBe(5);
    await expect.poll(async () => Object.values(await lanes.counts('a')), { timeout }).toEqual([0, 0, 0, 0]);
  });

  it('a turn whose process was killed is begun by another', async () => {
    const prefix = newPrefix();
    const stuck = await startProcess({
      name: 'a worker that is stuck',
      command: process.execPath,
      args: [stuckWorker, redis.url, prefix, 'webhooks.a'],
      ready: /ready/,
    });
    ends.push(() => stuck.stop());
    const waker = new WebhookLanes(
      {
        redis: testConnections(redis.url),
        prefix,
        log,
        receivers: [{ id: 'a', concurrency: 1 }],
        lockMs: 1_000,
      },
      async () => 'done',
    );
    ends.push(() => waker.stop());
    await expect
      .poll(
        () => {
          waker.wake(RoomName.parse('a'));
          return stuck.log.find(/begun/);
        },
        { timeout },
      )
      .toBeTruthy();
    const seen: string[] = [];
    await startLanes(prefix, async ({ room }) => {
      seen.push(room);
      return 'done';
    });
    await neverWithin('two turns at a time', 1_500, () => seen.length > 0);
    stuck.kill('SIGKILL');
    await expect.poll(() => seen, { timeout }).toContain('a');
  });

  it('an outage of Redis is outlived, and stopping does not wait for its end', async () => {
    const seen: string[] = [];
    const lanes = await startLanes(newPrefix(), async ({ room }) => {
      seen.push(room);
      return 'done';
    });
    lanes.wake(RoomName.parse('a'));
    await expect.poll(() => seen.length, { timeout }).toBe(1);
    await redis.kill();
    lanes.wake(RoomName.parse('lost'));
    await expect(lanes.counts('a')).rejects.toMatchObject({ code: 'unavailable' });
    await redis.start();
    await expect
      .poll(
        () => {
          lanes.wake(RoomName.parse('b'));
          return seen.includes('b');
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    await redis.kill();
    await lanes.stop();
    await redis.start();
  });
});
