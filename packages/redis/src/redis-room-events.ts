import type { RoomEvent, RoomEvents, RoomStore, RoomView, Subscription } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import { backoffMs } from '@manycast/runtime';
import type { Redis } from 'ioredis';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

type Listener = (event: RoomEvent) => void;
interface Channel {
  room: RoomName;
  listeners: Set<Listener>;
  subscribed: Promise<unknown>;
}

/**
 * The bus on Redis pub/sub, over a connection of its own: one subscription per room however many members it has
 * on this node. After a reconnection it subscribes again to what is listened to, and tells what the rooms' present
 * states say about the time between: pub/sub itself keeps nothing.
 */
export class RedisRoomEvents implements RoomEvents {
  private readonly channels = new Map<string, Channel>();

  /** `redis` must be a connection that nothing else uses: a subscriber can do nothing but subscribe. */
  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
    /** Asked over another connection. */
    private readonly rooms: Pick<RoomStore, 'read'>,
  ) {
    redis.on('message', (name: string, json: string) => this.deliver(name, json));
    redis.on('ready', () => {
      for (const [name, channel] of this.channels) void this.catchUp(name, channel);
    });
  }

  async subscribe(room: RoomName, listener: Listener): Promise<Subscription> {
    const name = this.keys.eventChannel(room);
    const channel = this.channels.get(name) ?? this.open(name, room);
    channel.listeners.add(listener);
    const close = () => {
      if (!channel.listeners.delete(listener) || channel.listeners.size > 0) return;
      if (this.channels.get(name) === channel) this.channels.delete(name);
      // In the order of the connection: a subscribe that follows this one also arrives after it.
      this.redis.unsubscribe(name).catch(() => {});
    };
    try {
      await guard(() => channel.subscribed);
    } catch (error) {
      close();
      throw error;
    }
    return { close };
  }

  private open(name: string, room: RoomName): Channel {
    const channel = { room, listeners: new Set<Listener>(), subscribed: this.redis.subscribe(name) };
    channel.subscribed.catch(() => {});
    this.channels.set(name, channel);
    return channel;
  }

  private deliver(name: string, json: string): void {
    const { v, ...event } = JSON.parse(json) as RoomEvent & { v: number };
    // A newer release may publish what this one does not know yet; it does so under a higher version.
    if (v !== 1) return;
    this.tell(name, event);
  }

  private tell(name: string, event: RoomEvent): void {
    for (const listener of [...(this.channels.get(name)?.listeners ?? [])]) listener(event);
  }

  /** The connection that asks may come back later than this one; a failure of this one starts another round. */
  private async catchUp(name: string, channel: Channel): Promise<void> {
    for (
      let attempt = 0;
      this.channels.get(name) === channel && this.redis.status === 'ready';
      attempt += 1
    ) {
      try {
        await this.redis.subscribe(name);
        const room = await this.rooms.read(channel.room);
        for (const event of eventsBehind(room)) this.tell(name, event);
        return;
      } catch {
        await new Promise(resolve =>
          setTimeout(resolve, backoffMs(attempt, { baseMs: 50, maxMs: 2_000 })).unref(),
        );
      }
    }
  }
}

/** What must have happened for a room to be as it is. Hearing of something twice is harmless. */
function eventsBehind({ state, generation, seq }: RoomView): RoomEvent[] {
  const endedGeneration = state === 'ended' ? generation : generation - 1;
  const left: RoomEvent = { type: 'presenter-left', generation: endedGeneration, seq };
  return state === 'live' ? [left, { type: 'presenter-live', generation, seq }] : [left];
}
