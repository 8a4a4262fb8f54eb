import type { RoomName } from '@manycast/protocol';
import type { RoomCard } from '../domain/chat.js';

/**
 * The live rooms, to be looked through: what it costs does not grow with how many there are. It follows the rooms' own
 * truth by a second or two. Throws SignalError `unavailable`.
 */
export interface RoomDirectory {
  /** What is newer stays: a later opening, a later card of the same one, and an opening that was removed is over. */
  put(room: RoomName, card: RoomCard): Promise<void>;
  /** Null: whatever the opening. */
  remove(room: RoomName, opening: string | null): Promise<void>;
  /**
   * Those with most viewers first. `query`: words, each the beginning of one in the room's name, its title or its
   * presenter's name. `after`: `next` of the page before.
   */
  list(order: {
    query?: string | undefined;
    after?: string | undefined;
    limit: number;
  }): Promise<DirectoryPage>;
}

export type DirectoryEntry = RoomCard & { room: RoomName };

export interface DirectoryPage {
  rooms: DirectoryEntry[];
  next: string | null;
  /** Live rooms that are listed, whatever the query. */
  total: number;
}
