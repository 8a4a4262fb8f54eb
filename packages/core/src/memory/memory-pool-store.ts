import type { MediaServerUrl, RoomName } from '@manycast/protocol';
import { capacityOf, limitOf } from '../domain/media-server.js';
import { choose, type Wish } from '../domain/placement.js';
import type { Held, HeldPart } from '../domain/reservation.js';
import type { LostRoom, PoolStore, RelocateResult, Reservation, ReserveResult } from '../ports/pool-store.js';
import type { PoolServer } from '../ports/server-registry.js';
import { keptAgain, MemoryPool } from './memory-pool.js';
import { readServers } from './memory-servers.js';

type Order<Method extends keyof PoolStore> = Parameters<PoolStore[Method]>[0];

const forever = Number.POSITIVE_INFINITY;

/** Promises of a pool in this process, for fast tests. */
export class MemoryPoolStore implements PoolStore {
  constructor(
    private readonly options: { reservationMs: number; now: () => number },
    readonly state = new MemoryPool(options.now),
  ) {}

  async reserve({ room, generation, slots, ...wish }: Order<'reserve'>): Promise<ReserveResult> {
    const { state } = this;
    state.expire();
    const held = state.held.get(room);
    if (held && held.generation > generation) return { status: 'superseded' };
    if (held?.generation === generation && !held.isPlanned && state.isAlive(held))
      return this.raise(room, generation, slots);
    const expiresAtMs = this.options.now() + this.options.reservationMs;
    if (held?.isPlanned && state.isAlive(held)) {
      state.replace(room, { ...held, generation, isPlanned: false, expiresAtMs });
      return this.raise(room, generation, slots);
    }
    const former = !held || held.generation === generation ? (held?.former ?? null) : this.playing(held);
    state.replace(room, former ? keptAgain(former) : undefined);
    const place = this.choose({ slots, ...wish });
    if (!place) return { status: 'pool-full' };
    const kept = wish.require && { require: wish.require };
    state.replace(room, { ...place, generation, isPlanned: false, former, expiresAtMs, ...kept });
    return { status: 'reserved', server: place.server, slots: place.slots };
  }

  async grow({ room, generation, slots }: Order<'grow'>): Promise<ReserveResult> {
    this.state.expire();
    return this.raise(room, generation, slots);
  }

  async keep({ room, generation, keepsFormer = false }: Order<'keep'>): Promise<void> {
    const held = this.state.held.get(room);
    if (held?.generation !== generation || held.isPlanned) return;
    const former = keepsFormer ? held.former : null;
    this.state.replace(room, { ...held, former, expiresAtMs: forever });
  }

  async release({ room, generation }: Order<'release'>): Promise<void> {
    const held = this.state.held.get(room);
    if (!held) return;
    const isOver =
      held.generation <= generation || (held.isPlanned && held.former?.generation === generation);
    if (isOver) this.state.replace(room, undefined);
    else if (held.former && held.former.generation <= generation)
      this.state.replace(room, { ...held, former: null });
  }

  async relocate({ room, generation, slots, holdMs, ...wish }: Order<'relocate'>): Promise<RelocateResult> {
    const { state } = this;
    state.expire();
    const held = state.held.get(room);
    if (!held || held.generation < generation) return { status: 'superseded' };
    if (held.isPlanned && held.generation === generation + 1 && state.isAlive(held))
      return { status: 'planned', server: held.server, slots: held.slots };
    if (held.generation > generation && !held.isPlanned) {
      // Built anew elsewhere meanwhile: of what was lost nothing has to be replaced.
      if (state.isAlive(held)) state.replace(room, { ...held, former: this.living(held.former) });
      return { status: 'superseded' };
    }
    const former = held.isPlanned ? this.living(held.former) : this.living(held);
    const kept = held.require && { require: held.require };
    const place = this.choose({ slots, ...kept, ...wish, ...(former && { except: former.server }) });
    if (!place) return { status: 'pool-full' };
    const expiresAtMs = this.options.now() + holdMs;
    state.replace(room, {
      ...place,
      generation: generation + 1,
      isPlanned: true,
      former,
      expiresAtMs,
      ...kept,
    });
    return { status: 'planned', server: place.server, slots: place.slots };
  }

  async refused(url: MediaServerUrl): Promise<void> {
    const server = this.state.servers.get(url);
    if (!server) return;
    server.limit = limitOf(server);
    server.limitAtMs = this.options.now();
  }

  async restore({ room, generation, server: url, slots }: Order<'restore'>): Promise<void> {
    const held = this.state.held.get(room);
    if (held && (held.generation > generation || (held.generation === generation && held.slots >= slots)))
      return;
    const { incarnation } = this.state.server(url);
    this.state.replace(room, keptAgain({ generation, server: url, slots, incarnation }));
  }

  async read(): Promise<PoolServer[]> {
    this.state.expire();
    return readServers(this.state);
  }

  async reservations(): Promise<Reservation[]> {
    this.state.expire();
    return [...this.state.held.keys()].map(room => this.shown(room) as Reservation);
  }

  async reservation(room: RoomName): Promise<Reservation | null> {
    this.state.expire();
    return this.shown(room);
  }

  async roomsOn(url: MediaServerUrl, limit = forever): Promise<RoomName[]> {
    const server = this.state.servers.get(url);
    return server
      ? this.state
          .on(server)
          .slice(0, limit)
          .map(({ room }) => room)
      : [];
  }

  async lostRooms(limit = forever): Promise<LostRoom[]> {
    const rooms = [...this.state.lost].map(([room, slots]) => ({ room, slots }));
    return rooms.sort((a, b) => b.slots - a.slots).slice(0, limit);
  }

  /** As a Redis that lost everything. */
  clear(): void {
    this.state.clear();
  }

  private choose(wish: Wish): (HeldPart & { slots: number }) | null {
    const { state } = this;
    const server = choose(state.servers.values(), wish, this.options.now());
    if (!server) return null;
    const free = capacityOf(server) - server.reserved;
    const slots = Math.min(free, wish.slots, 1 + state.spareSlots());
    state.noteRamp(server, slots);
    return { generation: 0, server: server.url, slots, incarnation: server.incarnation };
  }

  /** Towards `slots`, as far as its server reaches. */
  private raise(room: RoomName, generation: number, slots: number): ReserveResult {
    const { state } = this;
    const held = state.held.get(room);
    const part = held && !held.isPlanned && held.generation === generation ? held : held?.former;
    if (!held || part?.generation !== generation) return { status: 'superseded' };
    const server = state.servers.get(part.server);
    const free = server?.incarnation === part.incarnation ? capacityOf(server) - server.reserved : 0;
    const more = Math.max(0, Math.min(slots - part.slots, free, state.spareSlots()));
    const grown = part.slots + more;
    state.replace(
      room,
      part === held ? { ...held, slots: grown } : { ...held, former: { ...part, slots: grown } },
    );
    return { status: 'reserved', server: part.server, slots: grown };
  }

  /** Of an older generation, what plays on while the next is built. */
  private playing(held: Held): HeldPart | null {
    return held.expiresAtMs === forever ? this.living(held) : this.living(held.former);
  }

  private living(part: HeldPart | null): HeldPart | null {
    if (!part || !this.state.isAlive(part)) return null;
    const { generation, server, slots, incarnation } = part;
    return { generation, server, slots, incarnation };
  }

  private shown(room: RoomName): Reservation | null {
    const held = this.state.held.get(room);
    if (!held) return null;
    const { generation, server, slots, isPlanned, former, expiresAtMs } = held;
    return {
      ...{ room, generation, server, slots, isPlanned, isAlive: this.state.isAlive(held) },
      isKept: expiresAtMs === forever,
      former: former && {
        generation: former.generation,
        server: former.server,
        slots: former.slots,
        isAlive: this.state.isAlive(former),
      },
    };
  }
}
