import { Keys, openRedis, RedisPoolStore, RedisRoomStore, RedisServerRegistry } from '@manycast/redis';
import { createLogger } from '@manycast/runtime';

/** The nodes' own view of a Redis: what is in it, through the same stores. */
export async function openStores(url: string) {
  const log = createLogger({ name: 'test', level: 'silent' });
  const redis = openRedis({ url, commandTimeoutMs: 2_000, log });
  await redis.whenReady(5_000);
  const keys = new Keys('manycast');
  return {
    rooms: new RedisRoomStore(redis.commands, keys, { claimMs: 30_000 }),
    pool: new RedisPoolStore(redis.commands, keys, { reservationMs: 60_000 }),
    servers: new RedisServerRegistry(redis.commands, redis.subscriber, keys),
    close: () => redis.close(),
  };
}
