export { Keys } from './keys.js';
export { openRedis, type RedisConnections, type RedisOptions } from './open-redis.js';
export { RedisBirth } from './redis-birth.js';
export { RedisNodeInbox } from './redis-node-inbox.js';
export { RedisNodeRegistry } from './redis-node-registry.js';
export { RedisPoolStore } from './redis-pool-store.js';
export { RedisRoomEvents } from './redis-room-events.js';
export { RedisRoomStore } from './redis-room-store.js';
export { RedisTokenLedger } from './redis-token-ledger.js';
