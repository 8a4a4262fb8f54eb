import type { MediaServerUrl, RoomName } from '@manycast/protocol';

/**
 * Which media servers there are and how many endpoints are promised on each. Each method is one atomic step,
 * idempotent for the same room and generation. Throws SignalError `unavailable` when it cannot be asked.
 */
export interface PoolStore {
  /** Makes servers known, or changes their capacity (endpoints). Servers not named stay as they are. */
  register(servers: { url: MediaServerUrl; capacity: number }[]): Promise<void>;

  /**
   * Promises endpoints to a broadcast. The first call chooses the least loaded server (R-ROOM-2); later ones for
   * the same generation stay on it and grow towards `slots` as far as its capacity reaches (R-KMS-5). A newer
   * generation of the room replaces the older one's promise; an older one is refused as `superseded`.
   * Unless kept, a promise expires after a minute: the process that asked for it may have died.
   */
  reserve(order: { room: RoomName; generation: number; slots: number }): Promise<ReserveResult>;

  /**
   * The same for a broadcast that holds a promise already. One that does not, because it is over, is refused as
   * `superseded`: a viewer that comes late must not begin a promise that nobody gives back.
   */
  grow(order: { room: RoomName; generation: number; slots: number }): Promise<ReserveResult>;

  /** The broadcast is live: its promise does not expire any more. */
  keep(order: { room: RoomName; generation: number }): Promise<void>;

  /** The broadcast is over. */
  release(order: { room: RoomName; generation: number }): Promise<void>;

  /** Puts back the promise of a live broadcast that a Redis which came back empty has forgotten; it is kept. Nothing newer is overwritten. */
  restore(order: Omit<Reservation, 'isKept'>): Promise<void>;

  read(): Promise<PoolServer[]>;

  /** What is promised to whom. */
  reservations(): Promise<Reservation[]>;
}

export interface Reservation {
  room: RoomName;
  generation: number;
  server: MediaServerUrl;
  slots: number;
  /** Otherwise it expires. */
  isKept: boolean;
}

export type ReserveResult =
  | { status: 'reserved'; server: MediaServerUrl; slots: number }
  | { status: 'pool-full' }
  | { status: 'superseded' };

export interface PoolServer {
  url: MediaServerUrl;
  capacity: number;
  /** Endpoints promised to rooms. */
  reserved: number;
}
