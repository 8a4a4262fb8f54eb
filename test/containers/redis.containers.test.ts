import { randomUUID } from 'node:crypto';
import { describeNodeRegistry, describePoolStore, describeRoomStore } from '@manycast/core/contracts';
import {
  Keys,
  openRedis,
  RedisNodeInbox,
  RedisNodeRegistry,
  RedisPoolStore,
  RedisRoomEvents,
  RedisRoomStore,
  RedisServerRegistry,
} from '@manycast/redis';
import { createLogger } from '@manycast/runtime';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnEngine } from './engine.js';
import { redisImage } from './images.js';

const log = createLogger({ name: 'test', level: 'silent' });

describeOnEngine(`stores on ${redisImage}`, () => {
  let server: StartedTestContainer;
  const opened: { close(): void }[] = [];

  const openNode = async (prefix = 'test') => {
    const url = `redis://${server.getHost()}:${server.getMappedPort(6379)}`;
    const redis = openRedis({ url, commandTimeoutMs: 2_000, log });
    opened.push(redis);
    await redis.whenReady(10_000);
    const keys = new Keys(prefix);
    const rooms = new RedisRoomStore(redis.commands, keys, { claimMs: 200 });
    return {
      redis,
      rooms,
      pool: new RedisPoolStore(redis.commands, keys, { reservationMs: 200 }),
      servers: new RedisServerRegistry(redis.commands, redis.subscriber, keys),
      events: new RedisRoomEvents(redis.subscriber, keys, rooms),
      inbox: new RedisNodeInbox(redis.commands, redis.subscriber, keys),
      registry: new RedisNodeRegistry(redis.commands, keys),
    };
  };

  beforeAll(async () => {
    server = await new GenericContainer(redisImage).withExposedPorts(6379).start();
  });
  afterAll(async () => {
    for (const redis of opened) redis.close();
    await server?.stop();
  });

  it('is a Redis that the scripts are written for', async () => {
    const { redis } = await openNode();
    const [, version] = (await redis.commands.info('server')).match(/redis_version:(\d+)\./) ?? [];
    expect(Number(version)).toBeGreaterThanOrEqual(7);
  });

  describeRoomStore('one node', async () => ({
    ...(await openNode()),
    claimMs: 200,
    close: async () => {},
  }));

  describeRoomStore('changed on one node and heard on another', async () => {
    const [writer, reader] = [await openNode(), await openNode()];
    return {
      rooms: writer.rooms,
      events: reader.events,
      inbox: reader.inbox,
      claimMs: 200,
      close: async () => {},
    };
  });

  describeNodeRegistry('one node', async () => (await openNode(randomUUID())).registry);

  describePoolStore('one node', async () => ({ ...(await openNode(randomUUID())), reservationMs: 200 }));
});
