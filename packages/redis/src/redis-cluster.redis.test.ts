import { randomUUID } from 'node:crypto';
import { RoomName } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { startRedisCluster } from '../../../test/support/redis-cluster.js';
import { Keys } from './keys.js';
import { RedisBirth } from './redis-birth.js';
import { RedisStage } from './testing/redis-stage.js';

const stage = new RedisStage(() => startRedisCluster());

stage.describeStores('a Redis Cluster');

describe('a Redis Cluster one of whose masters restarts empty', () => {
  it('[R-REDIS-2] is noticed without a connection of ours being lost for long, and heard of again', async () => {
    const { redis, rooms, events } = await stage.openNode('shard');
    const birth = new RedisBirth(redis.commands, new Keys('shard'));
    const { name } = await birth.read();
    let times = 0;
    redis.onReady(() => {
      times += 1;
    });
    const room = RoomName.parse(`room-${randomUUID()}`);
    const shard = await stage.server.shardOf(new Keys('shard').room(room));
    await shard.kill();
    await expect(rooms.summary(room)).rejects.toMatchObject({ code: 'unavailable' });
    await shard.start();
    await stage.server.untilOk();
    await expect.poll(() => times, { timeout: 15_000 }).toBeGreaterThan(1);
    await expect.poll(() => rooms.summary(room).catch(() => null), { timeout: 15_000 }).not.toBeNull();
    expect((await birth.read()).name).not.toBe(name);
    // The connection for the bus may have been to that shard.
    await expect.poll(() => redis.isReady(), { timeout: 15_000 }).toBe(true);
    const subscription = await events.subscribe(room, () => {});
    subscription.close();
  });
});
