import type { ChatEntry, ChatPage, ChatReadOrder, ChatStore, ChatSummary, SayResult } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import { defineScript, type RedisClient } from './define-script.js';
import type { Keys } from './keys.js';
import { type RoomKey, roomCall, roomIncludes, roomKeyNames } from './room-keys.js';

// An empty list leaves Lua as an empty object.
type Page = Omit<ChatPage, 'entries'> & { entries: Record<string, string> };

const script = <Result>(file: string) =>
  defineScript<RoomKey, object, Result>(file, roomKeyNames, roomIncludes);
const say = script<SayResult>('chat-say.lua');
const state = script<(ChatSummary & { status: 'state' }) | { status: 'unknown' }>('chat-state.lua');
const read = script<(Page & { status: 'page' }) | { status: 'unknown' }>('chat-read.lua');

/** Chats in Redis: a list for each log. */
export class RedisChatStore implements ChatStore {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {}

  say({ room, ...order }: Parameters<ChatStore['say']>[0]): Promise<SayResult> {
    return say(this.redis, ...roomCall(this.keys, room, order));
  }

  async state(room: RoomName): Promise<ChatSummary | null> {
    const result = await state(this.redis, ...roomCall(this.keys, room, {}));
    if (result.status === 'unknown') return null;
    const { status: _, ...summary } = result;
    return summary;
  }

  async read({ room, ...order }: ChatReadOrder): Promise<ChatPage | null> {
    const result = await read(this.redis, ...roomCall(this.keys, room, order));
    if (result.status === 'unknown') return null;
    const { epoch, first, last, entries } = result;
    return { epoch, first, last, entries: Object.values(entries).map(json => JSON.parse(json) as ChatEntry) };
  }
}
