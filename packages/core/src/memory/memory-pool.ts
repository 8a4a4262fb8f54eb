import type { MediaServerUrl, RoomName } from '@manycast/protocol';
import { type MediaServerRecord, newServer } from '../domain/media-server.js';
import { freeSlots, rampOf } from '../domain/placement.js';
import { type Held, type HeldPart, partsOf } from '../domain/reservation.js';
import type { ServerSighting } from '../ports/server-registry.js';

/** What the memory versions of the pool's ports share: servers, promises, and the books between them. */
export class MemoryPool {
  readonly servers = new Map<MediaServerUrl, MediaServerRecord>();
  readonly held = new Map<RoomName, Held>();
  /** Rooms whose server was lost, with the slots they had. */
  readonly lost = new Map<RoomName, number>();
  readonly listeners = new Set<() => void>();
  /** Observer → Unix ms until which it can speak. */
  readonly leases = new Map<string, number>();
  readonly sightings = new Map<MediaServerUrl, Map<string, ServerSighting>>();
  /** Servers that an operator removed. */
  readonly removed = new Set<MediaServerUrl>();
  version = 0;
  birth = 1;
  private incarnations = 0;

  constructor(readonly now: () => number = Date.now) {}

  server(url: MediaServerUrl): MediaServerRecord {
    const server = this.servers.get(url) ?? newServer(url, ++this.incarnations, this.now());
    this.servers.set(url, server);
    return server;
  }

  isAlive({ server: url, incarnation }: HeldPart): boolean {
    const server = this.servers.get(url);
    return server !== undefined && server.incarnation === incarnation;
  }

  /** As a Redis that lost everything. */
  clear(): void {
    this.birth += 1;
    const { servers, held, lost, leases, sightings, removed } = this;
    for (const kept of [servers, held, lost, leases, sightings, removed]) kept.clear();
  }

  /** The one place where promises change: keeps `reserved` and `lost` true. */
  replace(room: RoomName, next: Held | undefined): void {
    const before = partsOf(this.held.get(room));
    this.count(before, -1);
    this.count(partsOf(next), 1);
    if (next) this.held.set(room, next);
    else this.held.delete(room);
    if (!next || this.isAlive(next)) this.lost.delete(room);
    // Its last room has left a server that was to be emptied.
    const isEmptied = ({ server: url }: HeldPart) => {
      const server = this.servers.get(url);
      return server?.drain && this.on(server).length === 0;
    };
    if (before.some(isEmptied)) this.changed();
  }

  /** What was on it is gone; whatever comes at its address is another. */
  lose(server: MediaServerRecord): void {
    for (const { room } of this.on(server)) {
      const held = this.held.get(room);
      this.lost.set(room, Math.max(...partsOf(held).map(({ slots }) => slots)));
    }
    server.incarnation = ++this.incarnations;
    server.reserved = 0;
    server.recent = 0;
    server.load = null;
    server.reservedAtLoad = 0;
  }

  on({ url, incarnation }: MediaServerRecord): { room: RoomName; slots: number }[] {
    return [...this.held]
      .map(([room, held]) => ({
        room,
        slots: partsOf(held)
          .filter(part => part.server === url && part.incarnation === incarnation)
          .reduce((sum, part) => sum + part.slots, 0),
      }))
      .filter(({ slots }) => slots > 0)
      .sort((a, b) => b.slots - a.slots);
  }

  /** Slots of the pool that a room may take beyond its presenter's: every lost room's presenter comes first. */
  spareSlots(): number {
    const free = [...this.servers.values()].reduce((sum, server) => sum + freeSlots(server), 0);
    return Math.max(0, free - this.lost.size);
  }

  noteRamp(server: MediaServerRecord, slots: number): void {
    server.recent = rampOf(server, this.now()) + slots;
    server.recentAtMs = this.now();
  }

  changed(): void {
    this.version += 1;
    for (const listener of [...this.listeners]) queueMicrotask(listener);
  }

  expire(): void {
    for (const [room, held] of this.held) {
      if (held.expiresAtMs > this.now()) continue;
      this.replace(room, held.former ? keptAgain(held.former) : undefined);
    }
  }

  private count(parts: HeldPart[], sign: 1 | -1): void {
    for (const { server: url, incarnation, slots } of parts) {
      const server = this.servers.get(url);
      if (server?.incarnation === incarnation) server.reserved += sign * slots;
    }
  }
}

/** The move did not happen. */
export const keptAgain = (former: HeldPart): Held => ({
  ...former,
  isPlanned: false,
  former: null,
  expiresAtMs: Number.POSITIVE_INFINITY,
});
