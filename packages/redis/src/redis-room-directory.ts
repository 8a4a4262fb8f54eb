import {
  type DirectoryEntry,
  type DirectoryPage,
  type RoomCard,
  type RoomDirectory,
  searchWords,
} from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

type DirectoryKey = 'cards' | 'ranks' | 'words' | 'gone';

const keyNames: readonly DirectoryKey[] = ['cards', 'ranks', 'words', 'gone'];
const script = (file: string) =>
  defineScript<DirectoryKey, object, { status: string }>(file, keyNames, ['lib-directory.lua']);
const put = script('directory-put.lua');
const remove = script('directory-remove.lua');

/** Rooms that one search looks at; with more the query is to be longer. */
const mostCandidates = 1_000;

/** The directory in Redis, in one slot of its own. A page costs two commands, a search as well. */
export class RedisRoomDirectory implements RoomDirectory {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {}

  async put(room: RoomName, card: RoomCard): Promise<void> {
    const words = searchWords(room, card.title, card.presenterName);
    await put(this.redis, this.keys.directory(), { room, card, words });
  }

  async remove(room: RoomName, opening: string | null): Promise<void> {
    await remove(this.redis, this.keys.directory(), { room, opening });
  }

  list({ query = '', after, limit }: Parameters<RoomDirectory['list']>[0]): Promise<DirectoryPage> {
    const wanted = searchWords(query).sort((a, b) => b.length - a.length);
    const from = Number(after ?? 0);
    return guard(() => (wanted.length > 0 ? this.find(wanted, from, limit) : this.top(from, limit)));
  }

  private async top(from: number, limit: number): Promise<DirectoryPage> {
    const { ranks } = this.keys.directory();
    const [names, total] = await Promise.all([
      this.redis.zrevrange(ranks, from, from + limit - 1),
      this.redis.zcard(ranks),
    ]);
    const rooms = await this.cards(names);
    return { rooms, next: from + limit < total ? String(from + limit) : null, total };
  }

  private async find(wanted: string[], from: number, limit: number): Promise<DirectoryPage> {
    const { words, ranks } = this.keys.directory();
    const [first = ''] = wanted;
    const [members, total] = await Promise.all([
      this.redis.zrange(words, `[${first}`, `[${first}\u{10ffff}`, 'BYLEX', 'LIMIT', 0, mostCandidates),
      this.redis.zcard(ranks),
    ]);
    const names = [...new Set(members.map(member => member.slice(member.indexOf('\0') + 1)))];
    const found = (await this.cards(names))
      .filter(entry => {
        const own = searchWords(entry.room, entry.title, entry.presenterName);
        return wanted.every(want => own.some(word => word.startsWith(want)));
      })
      .sort((a, b) => b.viewers - a.viewers || (a.room < b.room ? 1 : -1));
    const next = from + limit < found.length ? String(from + limit) : null;
    return { rooms: found.slice(from, from + limit), next, total };
  }

  private async cards(names: string[]): Promise<DirectoryEntry[]> {
    if (names.length === 0) return [];
    const cards = await this.redis.hmget(this.keys.directory().cards, ...names);
    return names.flatMap((room, at) => {
      const card = JSON.parse(cards[at] ?? 'null') as (RoomCard & { isGone?: true; words?: string[] }) | null;
      if (!card || card.isGone) return [];
      const { words: _, ...shown } = card;
      return [{ ...shown, room: room as RoomName }];
    });
  }
}
