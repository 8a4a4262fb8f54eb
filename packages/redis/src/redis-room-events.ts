import type { RoomEvent, RoomEvents, Subscription } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import type { Redis } from 'ioredis';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

type Listener = (event: RoomEvent) => void;
interface Channel {
  listeners: Set<Listener>;
  subscribed: Promise<unknown>;
}

/**
 * The bus on Redis pub/sub, over a connection of its own: one subscription per room however many members it has
 * on this node. ioredis subscribes again after a reconnection.
 */
export class RedisRoomEvents implements RoomEvents {
  private readonly channels = new Map<string, Channel>();

  /** `redis` must be a connection that nothing else uses: a subscriber can do nothing but subscribe. */
  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
  ) {
    redis.on('message', (name: string, json: string) => this.deliver(name, json));
  }

  async subscribe(room: RoomName, listener: Listener): Promise<Subscription> {
    const name = this.keys.eventChannel(room);
    const channel = this.channels.get(name) ?? this.open(name);
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

  private open(name: string): Channel {
    const channel = { listeners: new Set<Listener>(), subscribed: this.redis.subscribe(name) };
    channel.subscribed.catch(() => {});
    this.channels.set(name, channel);
    return channel;
  }

  private deliver(name: string, json: string): void {
    const { v, ...event } = JSON.parse(json) as RoomEvent & { v: number };
    // A newer release may publish what this one does not know yet; it does so under a higher version.
    if (v !== 1) return;
    for (const listener of [...(this.channels.get(name)?.listeners ?? [])]) listener(event);
  }
}
