import type { RoomName } from '@manycast/protocol';
import type { RoomOptions } from '../domain/room-options.js';
import type { RoomOptionsStore } from '../ports/room-options-store.js';

/** Options of one process's rooms. */
export class MemoryRoomOptions implements RoomOptionsStore {
  private readonly options = new Map<RoomName, RoomOptions>();

  read = async (room: RoomName): Promise<RoomOptions | null> => this.options.get(room) ?? null;
  write = async (room: RoomName, options: RoomOptions): Promise<void> => void this.options.set(room, options);
  clear = async (room: RoomName): Promise<void> => void this.options.delete(room);
}
