import { randomUUID } from 'node:crypto';
import { type HealthRules, openGrants } from '@manycast/core';
import {
  describeChatStore,
  describeNodeRegistry,
  describePoolStore,
  describePresentingRooms,
  describeRoomStore,
  describeServerRegistry,
  describeTokenLedger,
} from '@manycast/core/contracts';
import { asNodeId, asSessionId, RoomName } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrivateRedis, startRedisServer } from '../../../test/support/redis-server.js';
import { Keys } from './keys.js';
import { openRedis } from './open-redis.js';
import { RedisBirth } from './redis-birth.js';
import { RedisChatStore } from './redis-chat-store.js';
import { RedisNodeInbox } from './redis-node-inbox.js';
import { RedisNodeRegistry } from './redis-node-registry.js';
import { RedisPoolStore } from './redis-pool-store.js';
import { RedisPresentingRooms } from './redis-presenting-rooms.js';
import { RedisRoomEvents } from './redis-room-events.js';
import { RedisRoomFeed } from './redis-room-feed.js';
import { RedisRoomStore } from './redis-room-store.js';
import { RedisServerRegistry } from './redis-server-registry.js';
import { RedisTokenLedger } from './redis-token-ledger.js';

const log = createLogger({ name: 'test', level: 'silent' });
let server: PrivateRedis;
const opened: { close(): void }[] = [];

const chatSettings = { afterglowMs: 300, transcriptMs: 60_000, kept: 20 };

/** What one node has: its own connections to the same Redis. */
async function openNode(prefix = 'test', claimMs = 200) {
  const redis = openRedis({ url: server.url, commandTimeoutMs: 2_000, log });
  opened.push(redis);
  await redis.whenReady(2_000);
  const keys = new Keys(prefix);
  const rooms = new RedisRoomStore(redis.commands, keys, { claimMs, chat: chatSettings });
  const chat = new RedisChatStore(redis.commands, keys);
  return {
    redis,
    rooms,
    chat,
    feed: new RedisRoomFeed(redis.subscriber, keys, chat),
    pool: new RedisPoolStore(redis.commands, keys, { reservationMs: 200 }),
    servers: (rules?: HealthRules) => new RedisServerRegistry(redis.commands, redis.subscriber, keys, rules),
    events: new RedisRoomEvents(redis.subscriber, keys, rooms),
    inbox: new RedisNodeInbox(redis.commands, redis.subscriber, keys),
    registry: new RedisNodeRegistry(redis.commands, keys),
  };
}

beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  for (const redis of opened) redis.close();
  await server.stop();
});

describeRoomStore('redis, one node', async () => ({
  ...(await openNode()),
  claimMs: 200,
  close: async () => {},
}));

describeRoomStore('redis, changed on one node and heard on another', async () => {
  const [writer, reader] = [await openNode(), await openNode()];
  return {
    rooms: writer.rooms,
    events: reader.events,
    inbox: reader.inbox,
    claimMs: 200,
    close: async () => {},
  };
});

describeChatStore('redis, said on one node and heard on another', async () => {
  const [writer, reader] = [await openNode(), await openNode()];
  const { rooms, chat } = writer;
  return { rooms, chat, feed: reader.feed, ...chatSettings, close: async () => {} };
});

describeNodeRegistry('redis', async () => (await openNode(randomUUID())).registry);

describePresentingRooms('redis', async () => {
  const { redis } = await openNode();
  return new RedisPresentingRooms(redis.commands, new Keys(randomUUID()));
});

describeTokenLedger('redis', async () => {
  const { redis } = await openNode();
  return new RedisTokenLedger(redis.commands, new Keys(randomUUID()));
});

describePoolStore('redis', async () => {
  const { pool, servers } = await openNode(randomUUID());
  return { pool, servers: servers(), reservationMs: 200 };
});

describeServerRegistry('redis', async rules => {
  const { pool, servers } = await openNode(randomUUID());
  return { pool, servers: servers(rules) };
});

describe('two nodes', () => {
  it('[R-ROOM-1] racing 1,000 claims for 100 rooms: exactly 100 are accepted', async () => {
    const nodes = [await openNode('race', 60_000), await openNode('race', 60_000)];
    const names = Array.from({ length: 100 }, () => RoomName.parse(`race-${randomUUID()}`));
    const claims = Array.from({ length: 1_000 }, (_, i) => {
      const [room, store] = [names[i % 100], nodes[i % 2]?.rooms];
      if (!room || !store) throw new Error('unreachable');
      return store.claim({
        room,
        session: asSessionId(randomUUID()),
        node: asNodeId(`node-${i % 2}`),
        epoch: 1,
        speech: 'tutorial',
        grants: openGrants,
      });
    });
    const results = await Promise.all(claims);
    expect(results.filter(result => result.status === 'claimed')).toHaveLength(100);
  });
});

describe('a Redis that came back empty', () => {
  it('[R-REDIS-2] has another birth than before, the same one for everybody', async () => {
    const [one, other] = [await openNode('born'), await openNode('born')];
    const births = [one, other].map(node => new RedisBirth(node.redis.commands, new Keys('born')));
    const [first, second] = await Promise.all(births.map(birth => birth.read()));
    expect(second?.name).toBe(first?.name);
    expect(first?.ageMs).toBeLessThan(5_000);
    await one.redis.commands.del(new Keys('born').birth());
    const [again] = await Promise.all(births.map(birth => birth.read()));
    expect(again?.name).not.toBe(first?.name);
  });
});

describe('a Redis that is away', () => {
  it('[R-REDIS-1] is answered at once as unavailable, and works again when it is back', async () => {
    const own = await startRedisServer();
    const redis = openRedis({ url: own.url, commandTimeoutMs: 500, log });
    await redis.whenReady(2_000);
    const rooms = new RedisRoomStore(redis.commands, new Keys('test'), { claimMs: 200 });
    const order = {
      room: RoomName.parse('away'),
      session: asSessionId('s'),
      node: asNodeId('n'),
      epoch: 1,
      speech: 'tutorial' as const,
      grants: openGrants,
    };
    try {
      await own.kill();
      await expect.poll(() => redis.isReady()).toBe(false);
      await expect(rooms.claim(order)).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 1_000 });
      await own.start();
      await expect
        .poll(() => rooms.claim(order).catch(() => null), { timeout: 10_000 })
        .toMatchObject({ status: 'claimed' });
    } finally {
      redis.close();
      await own.stop();
    }
  });

  it('is named when nothing answers at the start, without its password', async () => {
    const redis = openRedis({ url: 'redis://:secret@127.0.0.1:1', commandTimeoutMs: 500, log });
    await expect(redis.whenReady(500)).rejects.toThrow(
      /Redis does not answer at redis:\/\/:\*\*\*@127.0.0.1:1/,
    );
    redis.close();
  });
});
