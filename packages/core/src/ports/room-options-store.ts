import type { RoomName } from '@manycast/protocol';
import type { RoomOptions } from '../domain/room-options.js';

/** What whoever creates a room wants of it. Throws SignalError `unavailable`. */
export interface RoomOptionsStore {
  read(room: RoomName): Promise<RoomOptions | null>;
  write(room: RoomName, options: RoomOptions): Promise<void>;
  clear(room: RoomName): Promise<void>;
}
