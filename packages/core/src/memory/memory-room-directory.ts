import type { RoomName } from '@manycast/protocol';
import { isLaterEpoch, type RoomCard } from '../domain/chat.js';
import { searchWords } from '../domain/search-words.js';
import type { DirectoryPage, RoomDirectory } from '../ports/room-directory.js';

/** The directory of one process, for fast tests. */
export class MemoryRoomDirectory implements RoomDirectory {
  private readonly cards = new Map<RoomName, RoomCard>();
  private readonly gone = new Map<RoomName, string>();

  async put(room: RoomName, card: RoomCard): Promise<void> {
    const known = this.cards.get(room);
    const gone = this.gone.get(room);
    if (gone !== undefined && !isLaterEpoch(card.opening, gone)) return;
    if (known && isLaterEpoch(known.opening, card.opening)) return;
    if (known?.opening === card.opening && known.seq > card.seq) return;
    if (card.isListed) this.cards.set(room, card);
    else this.cards.delete(room);
  }

  async remove(room: RoomName, opening: string | null): Promise<void> {
    const known = this.cards.get(room);
    if (known && opening !== null && isLaterEpoch(known.opening, opening)) return;
    this.cards.delete(room);
    if (opening !== null) this.gone.set(room, opening);
  }

  async list({ query = '', after, limit }: Parameters<RoomDirectory['list']>[0]): Promise<DirectoryPage> {
    const wanted = searchWords(query);
    const found = [...this.cards]
      .filter(([room, card]) => {
        const words = searchWords(room, card.title, card.presenterName);
        return wanted.every(want => words.some(word => word.startsWith(want)));
      })
      .sort(([nameA, a], [nameB, b]) => b.viewers - a.viewers || (nameA < nameB ? 1 : -1));
    const from = Number(after ?? 0);
    const rooms = found.slice(from, from + limit).map(([room, card]) => ({ room, ...card }));
    return {
      rooms,
      next: from + limit < found.length ? String(from + limit) : null,
      total: this.cards.size,
    };
  }
}
