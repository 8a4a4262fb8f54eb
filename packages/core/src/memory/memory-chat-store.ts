import type { RoomName } from '@manycast/protocol';
import type { ChatSummary } from '../domain/chat.js';
import type { ChatPage, ChatReadOrder, ChatStore, SayResult } from '../ports/chat-store.js';
import type { MemoryBars } from './memory-bars.js';
import type { MemoryChats } from './memory-chats.js';
import type { MemoryRoomStore } from './memory-room-store.js';

/** Chats of one process, for fast tests: the same guarantees as the real store, without the network. */
export class MemoryChatStore implements ChatStore {
  private readonly pace = new Map<string, number>();

  constructor(
    private readonly rooms: MemoryRoomStore,
    private readonly chats: MemoryChats,
    private readonly bars: MemoryBars,
    private readonly now: () => number,
  ) {}

  async say(order: Parameters<ChatStore['say']>[0]): Promise<SayResult> {
    const { room, session: from, clientId, text, name, isModerator } = order;
    const log = this.chats.log(room);
    if (!log) return { status: 'refused', code: 'chat-closed' };
    const known = log.entries.find(
      entry => entry.type === 'message' && entry.from === from && entry.clientId === clientId,
    );
    if (known) return said(known);

    const { state } = await this.rooms.summary(room);
    if (state === 'ended') {
      if (this.now() > (log.closesAtMs ?? 0)) return { status: 'refused', code: 'chat-closed' };
    } else {
      const session = await this.rooms.session(room, from);
      if (!session) return { status: 'refused', code: 'not-in-room' };
      if (session.epoch !== order.epoch) return { status: 'refused', code: 'fenced' };
    }
    if (!order.mayChat) return { status: 'refused', code: 'not-allowed' };
    const mutedForMs = (this.bars.of(order)?.mutedUntilMs ?? 0) - this.now();
    if (mutedForMs > 0) return { status: 'refused', code: 'muted', retryAfterMs: mutedForMs };
    if (log.slowModeMs > 0 && !isModerator) {
      const pace = `${room}/${order.identity ?? from}`;
      const retryAfterMs = (this.pace.get(pace) ?? 0) - this.now();
      if (retryAfterMs > 0) return { status: 'refused', code: 'too-fast', retryAfterMs };
      this.pace.set(pace, this.now() + log.slowModeMs);
    }
    const entry = this.chats.append(room, { type: 'message', from, name, isModerator, clientId, text });
    return entry ? said(entry) : { status: 'refused', code: 'chat-closed' };
  }

  async state(room: RoomName): Promise<ChatSummary | null> {
    const summary = this.chats.summary(room);
    return summary && { ...summary, viewers: this.rooms.viewers(room) };
  }

  async read({ room, epoch, after, before, limit }: ChatReadOrder): Promise<ChatPage | null> {
    const log = this.chats.log(room, epoch);
    if (!log) return null;
    const { entries } = log;
    const page =
      after === undefined
        ? entries.filter(entry => entry.offset < (before ?? Number.POSITIVE_INFINITY)).slice(-limit)
        : entries.filter(entry => entry.offset > after).slice(0, limit);
    return {
      epoch: log.epoch,
      first: entries[0]?.offset ?? 0,
      last: entries.at(-1)?.offset ?? 0,
      entries: structuredClone(page),
    };
  }
}

const said = ({ epoch, offset, atMs }: { epoch: string; offset: number; atMs: number }): SayResult => ({
  status: 'said',
  epoch,
  offset,
  atMs,
});
