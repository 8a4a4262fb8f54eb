import type { RoomName } from '@manycast/protocol';
import type { RoomEvent } from '../domain/event.js';

/**
 * The bus: a room's events reach every node that has members of it. Delivery is at most once; what must not be
 * missed is checked at the store after subscribing. A listener must not throw.
 */
export interface RoomEvents {
  /** Resolves when events published from now on will be delivered. Throws SignalError `unavailable`. */
  subscribe(room: RoomName, listener: (event: RoomEvent) => void): Promise<Subscription>;
}

export interface Subscription {
  /** Idempotent; nothing is delivered after it. */
  close(): void;
}
