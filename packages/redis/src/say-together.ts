import type { ChatStore, SayResult } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import { defineScript, type RedisClient } from './define-script.js';
import type { Keys } from './keys.js';

type Order = Parameters<ChatStore['say']>[0];

interface Waiting {
  order: Order;
  resolve(result: SayResult): void;
  reject(error: unknown): void;
}

/** More would keep Redis, which does one thing at a time, from everybody else for a millisecond or longer. */
const atOnce = 50;

const say = defineScript<
  'room' | 'sessions' | 'chat' | 'barred',
  { sayings: Omit<Order, 'room'>[]; feedChannel: string },
  SayResult[]
>('chat-say.lua', ['room', 'sessions', 'chat', 'barred'], ['lib-chat.lua', 'lib-bars.lua']);

/**
 * What is said in a room within one turn of the event loop is said by one call, in that order: reading the room and calling
 * a script cost as much as a message does. Nothing waits for what has not come yet. Whose call fails is told so, each of
 * them; each may say the same again.
 */
export class SayTogether {
  private waiting = new Map<RoomName, Waiting[]>();

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {}

  say(order: Order): Promise<SayResult> {
    if (this.waiting.size === 0) setImmediate(() => this.flush());
    const { room } = order;
    let inRoom = this.waiting.get(room);
    if (!inRoom) {
      inRoom = [];
      this.waiting.set(room, inRoom);
    }
    const together = inRoom;
    return new Promise((resolve, reject) => together.push({ order, resolve, reject }));
  }

  private flush(): void {
    const { waiting } = this;
    this.waiting = new Map();
    for (const [room, inRoom] of waiting)
      for (let at = 0; at < inRoom.length; at += atOnce) void this.call(room, inRoom.slice(at, at + atOnce));
  }

  private async call(room: RoomName, together: Waiting[]): Promise<void> {
    const { redis, keys } = this;
    const sayings = together.map(({ order: { room: _, ...saying } }) => saying);
    try {
      const results = await say(
        redis,
        {
          room: keys.room(room),
          sessions: keys.sessions(room),
          chat: keys.chat(room),
          barred: keys.barred(room),
        },
        { sayings, feedChannel: keys.feedChannel(room) },
      );
      for (const [at, { resolve }] of together.entries()) resolve(results[at] as SayResult);
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }
}
