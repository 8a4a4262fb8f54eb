import type { RoomName } from '@manycast/protocol';

/** In how many rooms an identity presents, over all nodes. Throws SignalError `unavailable`. */
export interface PresentingRooms {
  /** The identity presents in the room for the next `ttlMs`; to be said again before that. False when it does so in `max` others. */
  take(order: { identity: string; room: RoomName; max: number; ttlMs: number }): Promise<boolean>;
  /** It does no more. Idempotent. */
  giveBack(order: { identity: string; room: RoomName }): Promise<void>;
}
