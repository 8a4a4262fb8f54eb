import type { PoolServer, PoolStore, Reservation, ReserveResult } from '@manycast/core';
import { asMediaServerUrl, type MediaServerUrl, RoomName } from '@manycast/protocol';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

type PoolKey = 'servers' | 'reservations' | 'unkept';

const lib = ['lib-pool.lua'];
const keyNames: readonly PoolKey[] = ['servers', 'reservations', 'unkept'];
const register = defineScript<PoolKey, object, object>('pool-register.lua', keyNames, lib);
const reserve = defineScript<PoolKey, object, ReserveResult>('pool-reserve.lua', keyNames, lib);
const keep = defineScript<PoolKey, object, object>('pool-keep.lua', keyNames, lib);
const restore = defineScript<PoolKey, object, object>('pool-restore.lua', keyNames, lib);
const release = defineScript<PoolKey, object, object>('pool-release.lua', keyNames, lib);

/** The pool in Redis: one Lua script per step, all in one slot. */
export class RedisPoolStore implements PoolStore {
  private readonly poolKeys: Record<PoolKey, string>;

  constructor(
    private readonly redis: RedisClient,
    keys: Keys,
    /** How long a promise holds that nobody kept. */
    private readonly options: { reservationMs: number },
  ) {
    this.poolKeys = { servers: keys.servers(), reservations: keys.reservations(), unkept: keys.unkept() };
  }

  async register(servers: { url: MediaServerUrl; capacity: number }[]): Promise<void> {
    if (servers.length > 0) await register(this.redis, this.poolKeys, { servers });
  }

  reserve(order: Parameters<PoolStore['reserve']>[0]): Promise<ReserveResult> {
    return this.promise({ ...order, mayBegin: true });
  }

  grow(order: Parameters<PoolStore['grow']>[0]): Promise<ReserveResult> {
    return this.promise({ ...order, mayBegin: false });
  }

  async keep(order: { room: RoomName; generation: number }): Promise<void> {
    await keep(this.redis, this.poolKeys, order);
  }

  async release(order: { room: RoomName; generation: number }): Promise<void> {
    await release(this.redis, this.poolKeys, order);
  }

  async restore(order: Parameters<PoolStore['restore']>[0]): Promise<void> {
    await restore(this.redis, this.poolKeys, order);
  }

  async read(): Promise<PoolServer[]> {
    const servers = await guard(() => this.redis.hgetall(this.poolKeys.servers));
    return Object.entries(servers).map(([url, json]) => ({
      url: asMediaServerUrl(url),
      ...JSON.parse(json),
    }));
  }

  async reservations(): Promise<Reservation[]> {
    // In this order: one that is kept in between still counts as kept, one that is new in between is not listed.
    const { reservations, unkept } = this.poolKeys;
    const held = await guard(() => this.redis.hgetall(reservations));
    const expiring = new Set(await guard(() => this.redis.zrange(unkept, '0', '-1')));
    return Object.entries(held).map(([room, json]) => ({
      room: RoomName.parse(room),
      ...JSON.parse(json),
      isKept: !expiring.has(room),
    }));
  }

  private promise(args: object): Promise<ReserveResult> {
    return reserve(this.redis, this.poolKeys, { ...args, reservationMs: this.options.reservationMs });
  }
}
