import type {
  LostRoom,
  PoolServer,
  PoolStore,
  Promised,
  RelocateResult,
  Reservation,
  ReserveResult,
} from '@manycast/core';
import { asMediaServerUrl, type MediaServerUrl, RoomName } from '@manycast/protocol';
import type { RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';
import { poolScript } from './pool-script.js';
import { readServers } from './read-servers.js';

type Order<Method extends keyof PoolStore> = Parameters<PoolStore[Method]>[0];

interface KeptPart {
  generation: number;
  server: string;
  slots: number;
  isAlive: boolean;
}

const reserve = poolScript<ReserveResult>('pool-reserve.lua', 'lib-pool-choose.lua');
const relocate = poolScript<RelocateResult>('pool-relocate.lua', 'lib-pool-choose.lua');
const keep = poolScript<object>('pool-keep.lua');
const restore = poolScript<object>('pool-restore.lua');
const release = poolScript<object>('pool-release.lua');
const refused = poolScript<object>('pool-refused.lua');
const held = poolScript<{
  held: Record<string, KeptPart & { room: string; isKept: boolean; isPlanned: boolean; former?: KeptPart }>;
}>('pool-held.lua');

/** Promises in Redis: one Lua script per step, all in one slot. */
export class RedisPoolStore implements PoolStore {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
    /** How long a promise holds that nobody kept. */
    private readonly options: { reservationMs: number },
  ) {}

  reserve(order: Order<'reserve'>): Promise<ReserveResult> {
    const { reservationMs } = this.options;
    return reserve(this.redis, this.keys, { ...order, mayBegin: true, reservationMs });
  }

  grow(order: Order<'grow'>): Promise<ReserveResult> {
    return reserve(this.redis, this.keys, { ...order, mayBegin: false });
  }

  async keep(order: Order<'keep'>): Promise<void> {
    await keep(this.redis, this.keys, order);
  }

  async release(order: Order<'release'>): Promise<void> {
    await release(this.redis, this.keys, order);
  }

  relocate(order: Order<'relocate'>): Promise<RelocateResult> {
    return relocate(this.redis, this.keys, order);
  }

  async refused(server: MediaServerUrl): Promise<void> {
    await refused(this.redis, this.keys, { server });
  }

  async restore(order: Order<'restore'>): Promise<void> {
    await restore(this.redis, this.keys, order);
  }

  async read(): Promise<PoolServer[]> {
    return (await readServers(this.redis, this.keys)).servers;
  }

  async reservations(): Promise<Reservation[]> {
    const result = await held(this.redis, this.keys, {});
    return Object.values(result.held).map(({ room, former, ...part }) => ({
      ...shown(part),
      room: RoomName.parse(room),
      isKept: part.isKept,
      isPlanned: part.isPlanned,
      former: former ? shown(former) : null,
    }));
  }

  async reservation(room: RoomName): Promise<Reservation | null> {
    const result = await held(this.redis, this.keys, { room });
    const [found] = Object.values(result.held);
    if (!found) return null;
    const { isKept, isPlanned, former } = found;
    return { ...shown(found), room, isKept, isPlanned, former: former ? shown(former) : null };
  }

  async roomsOn(server: MediaServerUrl, limit = Number.POSITIVE_INFINITY): Promise<RoomName[]> {
    const placed = `${this.keys.placedPrefix()}${server}`;
    const last = Number.isFinite(limit) ? limit - 1 : -1;
    return (await guard(() => this.redis.zrevrange(placed, 0, last))) as RoomName[];
  }

  async lostRooms(limit = Number.POSITIVE_INFINITY): Promise<LostRoom[]> {
    const last = Number.isFinite(limit) ? limit - 1 : -1;
    const flat = await guard(() => this.redis.zrevrange(this.keys.lostRooms(), 0, last, 'WITHSCORES'));
    const rooms: LostRoom[] = [];
    for (let i = 0; i < flat.length; i += 2)
      rooms.push({ room: RoomName.parse(flat[i]), slots: Number(flat[i + 1]) });
    return rooms;
  }
}

const shown = ({ generation, server, slots, isAlive }: KeptPart): Promised & { isAlive: boolean } => ({
  generation,
  server: asMediaServerUrl(server),
  slots,
  isAlive,
});
