import type { RoomName } from '@manycast/protocol';
import type { RoomEvent } from '../domain/event.js';

/**
 * The bus: a room's events reach every node that has members of it, each once and in order. What was missed, by a lost
 * message or an interruption, is read from the room's log. What must not be missed before is checked at the store
 * after subscribing. A listener must not throw.
 */
export interface RoomEvents {
  /** Resolves when events published from now on will be delivered. Throws SignalError `unavailable`. */
  subscribe(room: RoomName, listener: (event: RoomEvent) => void): Promise<Subscription>;
}

export interface Subscription {
  /** Idempotent; nothing is delivered after it. */
  close(): void;
}
