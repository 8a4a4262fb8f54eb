import type { PresentingRooms } from '@manycast/core';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

type Order<Method extends keyof PresentingRooms> = Parameters<PresentingRooms[Method]>[0];

const take = defineScript<'presenting', object, { isTaken: boolean }>('presenting-take.lua', ['presenting']);

/** A sorted set for each identity that presents. */
export class RedisPresentingRooms implements PresentingRooms {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {}

  async take({ identity, ...order }: Order<'take'>): Promise<boolean> {
    return (await take(this.redis, { presenting: this.keys.presenting(identity) }, order)).isTaken;
  }

  async giveBack({ identity, room }: Order<'giveBack'>): Promise<void> {
    await guard(() => this.redis.zrem(this.keys.presenting(identity), room));
  }
}
