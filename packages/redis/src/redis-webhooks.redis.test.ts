import { randomUUID } from 'node:crypto';
import { openGrants, sourcesOf } from '@manycast/core';
import { describeDeadLetters, describeDeliveryLog, describeWebhookOutbox } from '@manycast/core/contracts';
import { asNodeId, asSessionId, RoomName } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrivateRedis, startRedisServer } from '../../../test/support/redis-server.js';
import { Keys } from './keys.js';
import { openRedis } from './open-redis.js';
import { RedisDeadLetters } from './redis-dead-letters.js';
import { RedisDeliveryLog } from './redis-delivery-log.js';
import { RedisRoomStore } from './redis-room-store.js';
import { RedisWebhookDemand } from './redis-webhook-demand.js';
import { RedisWebhookOutbox } from './redis-webhook-outbox.js';

const log = createLogger({ name: 'test', level: 'silent' });
let server: PrivateRedis;
const opened: { close(): void }[] = [];

/** What one process has of it: its own connections to the same Redis. */
async function openProcess(prefix: string = randomUUID().slice(0, 8)) {
  const redis = openRedis({ url: server.url, commandTimeoutMs: 2_000, log });
  opened.push(redis);
  await redis.whenReady(2_000);
  const keys = new Keys(prefix);
  const demand = new RedisWebhookDemand(redis.commands, keys);
  return {
    ...{ prefix, redis, keys, demand },
    rooms: new RedisRoomStore(redis.commands, keys, { claimMs: 200 }),
    outbox: new RedisWebhookOutbox(redis.commands, redis.subscriber, keys, demand),
  };
}

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  for (const redis of opened) redis.close();
  await server.stop();
});

describeWebhookOutbox('redis', () => openProcess());

describeDeadLetters('redis', async () => {
  const { redis, keys } = await openProcess();
  return new RedisDeadLetters(redis.commands, keys, { kept: 5, keepMs: 60_000 });
});

// Redis cuts a stream by whole nodes of 100 entries.
describeDeliveryLog('redis', 200, async () => {
  const { redis, keys } = await openProcess();
  return new RedisDeliveryLog(redis.commands, keys, { kept: 200, keepMs: 60_000 });
});

describe('webhooks in Redis', () => {
  const claim = (rooms: RedisRoomStore, room = `room-${randomUUID()}`) =>
    rooms.claim({
      room: RoomName.parse(room),
      session: asSessionId(randomUUID()),
      node: asNodeId('node-1'),
      epoch: 1,
      speech: 'tutorial',
      grants: openGrants,
    });
  const all = async (outbox: RedisWebhookOutbox) => {
    const found: string[] = [];
    for await (const room of outbox.rooms()) found.push(room);
    return found.sort();
  };

  it('a node that does not know yet what is wanted keeps everything; one that does, only that', async () => {
    const controller = await openProcess();
    const node = await openProcess(controller.prefix);
    await claim(node.rooms, 'unknown');
    await node.demand.refresh();
    await claim(node.rooms, 'nobody');
    expect(await all(node.outbox)).toEqual(['unknown']);
    await controller.demand.announce([{ id: 'a', sources: sourcesOf(['presenter.joined']) }]);
    await node.demand.refresh();
    await claim(node.rooms, 'wanted');
    expect(await all(node.outbox)).toEqual(['unknown', 'wanted']);
  });

  it('a Redis that lost its data has not made anybody want less, until nobody says so again', async () => {
    const { prefix, redis, keys, demand } = await openProcess();
    let nowMs = 0;
    const remembered = new RedisWebhookDemand(redis.commands, new Keys(prefix), () => nowMs);
    await demand.announce([{ id: 'a', sources: sourcesOf(['room.live']) }]);
    await remembered.refresh();
    await redis.commands.del(keys.demand());
    for (nowMs of [1, 15_000]) {
      await remembered.refresh();
      expect(remembered.wanted).toEqual({ 'presenter-live': true });
    }
    nowMs = 15_001;
    await remembered.refresh();
    expect([remembered.wanted, remembered.receivers]).toEqual([undefined, []]);
  });

  it('what one controller’s receivers have passed stays for another’s', async () => {
    const older = await openProcess();
    const newer = await openProcess(older.prefix);
    await older.demand.announce([{ id: 'a', sources: sourcesOf(['*']) }]);
    await newer.demand.announce([{ id: 'b', sources: sourcesOf(['*']) }]);
    await claim(newer.rooms, 'shared');
    const lane = { receiver: 'a', room: RoomName.parse('shared') };
    await older.demand.refresh();
    const { entries } = await older.outbox.take(lane, 'turn', 10);
    expect(entries).toHaveLength(1);
    await older.outbox.advance(lane, 'turn', entries[0]?.place ?? '');
    expect((await newer.outbox.take({ ...lane, receiver: 'b' }, 'turn', 10)).entries).toEqual(entries);
  });

  it('an outbox does not outlive everybody, and costs a room nothing else', async () => {
    const { rooms, demand, redis, keys } = await openProcess();
    await demand.announce([{ id: 'a', sources: sourcesOf(['*']) }]);
    const room = RoomName.parse('bounded');
    await claim(rooms, room);
    const days = (await redis.commands.pttl(keys.outbox(room))) / 86_400_000;
    expect(days).toBeGreaterThan(7.9);
    expect(days).toBeLessThanOrEqual(8);
  });

  it('says that something may have been missed when it was cut off', async () => {
    const { outbox, redis } = await openProcess();
    let gaps = 0;
    outbox.watch({ onChange: () => {}, onGap: () => (gaps += 1) });
    await expect.poll(() => gaps).toBe(1);
    redis.subscriber.disconnect(true);
    await expect.poll(() => gaps, { timeout: 5_000 }).toBe(2);
  });

  it('finds the outboxes of 1,000 rooms among others', async () => {
    const { rooms, outbox, demand } = await openProcess();
    await demand.announce([{ id: 'a', sources: sourcesOf(['presenter.joined']) }]);
    const names = Array.from({ length: 1_000 }, (_, i) => `many-${String(i).padStart(4, '0')}`);
    await Promise.all(names.map(name => claim(rooms, name)));
    expect(await all(outbox)).toEqual(names);
  });
});
