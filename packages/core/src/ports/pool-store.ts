import type { MediaServerUrl, RoomName } from '@manycast/protocol';
import type { Labels } from '../domain/media-server.js';
import type { Promised } from '../domain/reservation.js';
import type { PoolServer } from './server-registry.js';

/**
 * How many endpoints (slots) are promised to whom. Each method is one atomic step, idempotent for the same room and
 * generation, whose cost grows neither with rooms nor, but for a logarithm, with servers. Throws SignalError
 * `unavailable` when it cannot be asked.
 */
export interface PoolStore {
  /**
   * Promises endpoints to a broadcast. The first call chooses a server (R-ROOM-2, `domain/placement.ts`); later ones
   * for the same generation stay on it and grow towards `slots` as far as its capacity reaches (R-KMS-5). A newer
   * generation takes the place that a move has planned for it; otherwise it chooses anew. What an older generation
   * holds and still plays stays promised beside it until `keep` or `release`. An older generation is refused as
   * `superseded`. Unless kept, a promise expires: the process that asked for it may have died.
   */
  reserve(order: Order & { slots: number; require?: Labels; prefer?: Labels }): Promise<ReserveResult>;

  /**
   * More for a broadcast that holds a promise already. One that does not, because it is over, is refused as
   * `superseded`: a viewer that comes late must not begin a promise that nobody gives back. While presenters wait for
   * a place after the loss of a server, the last slots of the pool are theirs.
   */
  grow(order: Order & { slots: number }): Promise<ReserveResult>;

  /** The broadcast is live: its promise does not expire any more. `keepsFormer`: the media before still plays. */
  keep(order: Order & { keepsFormer?: boolean }): Promise<void>;

  /** The broadcast is over; of a generation that has been moved away, only what it held. */
  release(order: Order): Promise<void>;

  /**
   * Plans the room's next place, elsewhere than the `generation` that plays or has been lost, with `slots` for those
   * who are in it, where the labels are that it required at first. What still plays stays promised beside it. The same again is answered the same, for as long as the
   * place is good. Unless the presenter follows within `holdMs`, the plan expires and what played before is kept.
   */
  relocate(
    order: Order & { slots: number; holdMs: number; to?: MediaServerUrl; require?: Labels; prefer?: Labels },
  ): Promise<RelocateResult>;

  /** The server refused an endpoint for want of resources: it can bear no more than it has now. It is tried with more as time goes by. */
  refused(server: MediaServerUrl): Promise<void>;

  /** Puts back the promise of a live broadcast that a Redis which came back empty has forgotten; it is kept. Nothing newer is overwritten. */
  restore(order: { room: RoomName } & Promised): Promise<void>;

  /** Every server, with what is promised on it. */
  read(): Promise<PoolServer[]>;

  /** What is promised to whom. */
  reservations(): Promise<Reservation[]>;

  reservation(room: RoomName): Promise<Reservation | null>;

  /** Rooms with a promise on a server, biggest audience first. */
  roomsOn(server: MediaServerUrl, limit?: number): Promise<RoomName[]>;

  /** Rooms whose server was lost and that have no other place yet, biggest audience first. */
  lostRooms(limit?: number): Promise<LostRoom[]>;
}

interface Order {
  room: RoomName;
  generation: number;
}

export interface LostRoom {
  room: RoomName;
  /** What it held. */
  slots: number;
}

export interface Reservation extends Promised {
  room: RoomName;
  /** Otherwise it expires. */
  isKept: boolean;
  /** False when the server has been lost since. */
  isAlive: boolean;
  /** A place for the next generation, chosen by a move. */
  isPlanned: boolean;
  /** What still plays elsewhere. */
  former: (Promised & { isAlive: boolean }) | null;
}

export type ReserveResult =
  | { status: 'reserved'; server: MediaServerUrl; slots: number }
  | { status: 'pool-full' }
  | { status: 'superseded' };

export type RelocateResult =
  | { status: 'planned'; server: MediaServerUrl; slots: number }
  /** What the room holds is not what was to be moved: it has moved, or is over. */
  | { status: 'superseded' }
  | { status: 'pool-full' };
