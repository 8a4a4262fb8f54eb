import type { MediaServerUrl, RoomName } from '@manycast/protocol';
import type { PoolServer, PoolStore, Reservation, ReserveResult } from '../ports/pool-store.js';

interface Held {
  generation: number;
  server: MediaServerUrl;
  slots: number;
  expiresAtMs: number;
}

/** The pool of one process, for fast tests. */
export class MemoryPoolStore implements PoolStore {
  private readonly servers = new Map<MediaServerUrl, { capacity: number; reserved: number }>();
  private readonly held = new Map<RoomName, Held>();

  constructor(private readonly options: { reservationMs: number; now: () => number }) {}

  async register(servers: { url: MediaServerUrl; capacity: number }[]): Promise<void> {
    for (const { url, capacity } of servers) {
      this.servers.set(url, { capacity, reserved: this.servers.get(url)?.reserved ?? 0 });
    }
  }

  async reserve({ room, generation, slots }: Parameters<PoolStore['reserve']>[0]): Promise<ReserveResult> {
    this.expire();
    const held = this.held.get(room);
    if (held && held.generation > generation) return { status: 'superseded' };
    if (held?.generation === generation) return this.raise(held, slots);
    if (held) this.drop(room, held);

    const [best] = [...this.servers]
      .filter(([, { capacity, reserved }]) => reserved < capacity)
      .sort(
        ([urlA, a], [urlB, b]) => a.reserved / a.capacity - b.reserved / b.capacity || (urlA < urlB ? -1 : 1),
      );
    if (!best) return { status: 'pool-full' };
    const expiresAtMs = this.options.now() + this.options.reservationMs;
    const reservation = { generation, server: best[0], slots: 0, expiresAtMs };
    this.held.set(room, reservation);
    return this.raise(reservation, slots);
  }

  async grow(order: Parameters<PoolStore['grow']>[0]): Promise<ReserveResult> {
    const isHeld = this.held.get(order.room)?.generation === order.generation;
    return isHeld ? this.reserve(order) : { status: 'superseded' };
  }

  async keep({ room, generation }: { room: RoomName; generation: number }): Promise<void> {
    const held = this.held.get(room);
    if (held?.generation === generation) held.expiresAtMs = Number.POSITIVE_INFINITY;
  }

  async release({ room, generation }: { room: RoomName; generation: number }): Promise<void> {
    const held = this.held.get(room);
    if (held?.generation === generation) this.drop(room, held);
  }

  async read(): Promise<PoolServer[]> {
    this.expire();
    return [...this.servers].map(([url, server]) => ({ url, ...server }));
  }

  async reservations(): Promise<Reservation[]> {
    this.expire();
    return [...this.held].map(([room, { expiresAtMs, ...held }]) => ({
      room,
      ...held,
      isKept: expiresAtMs === Number.POSITIVE_INFINITY,
    }));
  }

  async restore({ room, generation, server, slots }: Omit<Reservation, 'isKept'>): Promise<void> {
    const held = this.held.get(room);
    if (held && (held.generation > generation || (held.generation === generation && held.slots >= slots)))
      return;
    if (held) this.drop(room, held);
    const known = this.servers.get(server) ?? { capacity: 0, reserved: 0 };
    this.servers.set(server, { ...known, reserved: known.reserved + slots });
    this.held.set(room, { generation, server, slots, expiresAtMs: Number.POSITIVE_INFINITY });
  }

  /** As a Redis that lost everything. */
  clear(): void {
    this.servers.clear();
    this.held.clear();
  }

  private raise(held: Held, slots: number): ReserveResult {
    const server = this.servers.get(held.server);
    const free = server ? server.capacity - server.reserved : 0;
    const more = Math.max(0, Math.min(slots - held.slots, free));
    if (server) server.reserved += more;
    held.slots += more;
    return { status: 'reserved', server: held.server, slots: held.slots };
  }

  private drop(room: RoomName, held: Held): void {
    this.held.delete(room);
    const server = this.servers.get(held.server);
    if (server) server.reserved -= held.slots;
  }

  private expire(): void {
    for (const [room, held] of this.held) {
      if (held.expiresAtMs <= this.options.now()) this.drop(room, held);
    }
  }
}
