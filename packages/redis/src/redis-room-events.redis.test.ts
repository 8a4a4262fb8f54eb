import { randomUUID } from 'node:crypto';
import { openGrants, type RoomEvent, type Subscription } from '@manycast/core';
import {
  asEndpointId,
  asMediaServerUrl,
  asNodeId,
  asPipelineId,
  asSessionId,
  RoomName,
} from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PrivateRedis, startRedisServer } from '../../../test/support/redis-server.js';
import { Keys } from './keys.js';
import { openRedis, type RedisConnections } from './open-redis.js';
import { RedisRoomEvents } from './redis-room-events.js';
import { RedisRoomStore } from './redis-room-store.js';

describe('the bus after an interruption', () => {
  let server: PrivateRedis;
  let redis: RedisConnections;
  let rooms: RedisRoomStore;
  let events: RedisRoomEvents;
  let room: RoomName;
  let heard: RoomEvent[];
  let generations: number[];
  const open: Subscription[] = [];

  beforeAll(async () => {
    server = await startRedisServer();
    redis = openRedis({
      url: server.url,
      commandTimeoutMs: 2_000,
      log: createLogger({ name: 'test', level: 'silent' }),
    });
    await redis.whenReady(2_000);
    const keys = new Keys('test');
    rooms = new RedisRoomStore(redis.commands, keys, { claimMs: 30_000 });
    events = new RedisRoomEvents(redis.subscriber, keys, rooms);
  });
  afterAll(async () => {
    redis.close();
    await server.stop();
  });
  beforeEach(() => {
    room = RoomName.parse(`room-${randomUUID()}`);
    heard = [];
    generations = [];
  });

  afterEach(() => {
    for (const subscription of open.splice(0)) subscription.close();
  });

  const session = asSessionId('presenter');
  const attachment = () => ({ room, session, node: asNodeId('n'), epoch: 1 });
  async function goLive() {
    const claim = await rooms.claim({ ...attachment(), speech: 'tutorial', grants: openGrants });
    if (claim.status !== 'claimed') throw new Error(claim.status);
    const { generation } = claim;
    generations.push(generation);
    const media = {
      server: asMediaServerUrl('ws://m/kurento'),
      pipeline: asPipelineId('p'),
      endpoint: asEndpointId('e'),
    };
    await rooms.goLive({ ...attachment(), generation, slots: 4, ...media });
  }
  async function subscribe() {
    const list = heard;
    const subscription = await events.subscribe(room, event => list.push(event));
    open.push(subscription);
    return subscription;
  }
  /** What happens in `during` is published while nobody listens. */
  async function interrupted(during: () => Promise<unknown>) {
    const wasCut = new Promise(resolve => redis.subscriber.once('close', resolve));
    await redis.commands.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await wasCut;
    await during();
    expect(redis.subscriber.status).not.toBe('ready');
  }

  it('[R-ROOM-4] tells that the presenter left meanwhile', async () => {
    await goLive();
    await subscribe();
    await interrupted(() => rooms.leave(attachment()));
    await expect.poll(() => heard).toMatchObject([{ type: 'presenter-left', generation: generations[0] }]);
  });

  it('[R-ROOM-3] tells that the presenter went live meanwhile', async () => {
    await subscribe();
    await interrupted(goLive);
    await expect.poll(() => heard).toMatchObject([{ type: 'presenter-live', generation: generations[0] }]);
  });

  it('tells that the broadcast of before is over when the next one is live already', async () => {
    await goLive();
    await subscribe();
    await interrupted(async () => {
      await rooms.leave(attachment());
      await goLive();
    });
    await expect
      .poll(() => heard.map(event => [event.type, event.generation]))
      .toEqual([
        ['presenter-left', generations[0]],
        ['presenter-live', generations[1]],
      ]);
  });

  it('ends no broadcast that goes on, and hears what comes later once', async () => {
    await goLive();
    await subscribe();
    await interrupted(async () => {});
    await expect.poll(() => redis.isReady()).toBe(true);
    expect(heard).toEqual([]);
    await rooms.leave(attachment());
    await expect.poll(() => heard).toMatchObject([{ type: 'presenter-left', generation: generations[0] }]);
    await rooms.read(room);
    expect(heard).toHaveLength(1);
  });

  it('[R-BUS-1] reads the log when a message was lost on a living connection', async () => {
    await subscribe();
    await redis.subscriber.unsubscribe(new Keys('test').eventChannel(room));
    await goLive();
    await redis.subscriber.subscribe(new Keys('test').eventChannel(room));
    await rooms.leave(attachment());
    await expect.poll(() => heard.map(event => event.type)).toEqual(['presenter-live', 'presenter-left']);
  });

  it('subscribes no more to what nobody listens to', async () => {
    const subscription = await subscribe();
    await interrupted(async () => subscription.close());
    const other = RoomName.parse(`room-${randomUUID()}`);
    await expect.poll(() => redis.isReady()).toBe(true);
    open.push(await events.subscribe(other, () => {}));
    const channels = (await redis.commands.pubsub('CHANNELS', '*')) as string[];
    expect(channels).toEqual([expect.stringContaining(other)]);
  });
});
