export { connectRedis, type RedisConnections, type RedisOptions } from './connect-redis.js';
export { Keys } from './keys.js';
export { RedisPoolStore } from './redis-pool-store.js';
export { RedisRoomEvents } from './redis-room-events.js';
export { RedisRoomStore } from './redis-room-store.js';
