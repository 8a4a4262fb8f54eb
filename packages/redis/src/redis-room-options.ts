import type { RoomOptions, RoomOptionsStore } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import type { RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

/** Read by claim.lua when a room opens. */
export class RedisRoomOptions implements RoomOptionsStore {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {}

  async read(room: RoomName): Promise<RoomOptions | null> {
    const json = await guard(() => this.redis.get(this.keys.options(room)));
    return json === null ? null : (JSON.parse(json) as RoomOptions);
  }

  async write(room: RoomName, options: RoomOptions): Promise<void> {
    await guard(() => this.redis.set(this.keys.options(room), JSON.stringify(options)));
  }

  async clear(room: RoomName): Promise<void> {
    await guard(() => this.redis.del(this.keys.options(room)));
  }
}
