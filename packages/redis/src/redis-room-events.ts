import type { RoomEvent, RoomEvents, RoomStore, Subscription } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import { backoffMs } from '@manycast/runtime';
import type { Redis } from 'ioredis';
import { guard } from './guard.js';
import type { Keys } from './keys.js';
import { parseEvent } from './redis-room-store.js';
import { RelayMetrics } from './relay-metrics.js';

type Listener = (event: RoomEvent) => void;

interface Channel {
  room: RoomName;
  listeners: Set<Listener>;
  ready: Promise<unknown>;
  /** Of the last event that was delivered; undefined until the room has been asked. */
  seq: number | undefined;
  /** Set while the log is being read, so that it is read once for a burst of events. */
  catchingUp: Promise<void> | undefined;
}

/**
 * The bus on Redis pub/sub, over a connection of its own: one subscription per room however many members it has on
 * this node. Pub/sub may lose messages; a jump in the numbers, or a reconnection, makes it read the room's log.
 */
export class RedisRoomEvents implements RoomEvents {
  private readonly channels = new Map<string, Channel>();

  /** `redis` must be a connection that only subscribes. */
  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
    private readonly rooms: Pick<RoomStore, 'summary' | 'eventsAfter'>,
    private readonly metrics: RelayMetrics = new RelayMetrics(),
  ) {
    redis.on('message', (name: string, json: string) => this.receive(name, json));
    redis.on('ready', () => {
      for (const [name, channel] of this.channels) void this.subscribeAgain(name, channel);
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
      await guard(() => channel.ready);
    } catch (error) {
      close();
      throw error;
    }
    return { close };
  }

  private open(name: string, room: RoomName): Channel {
    const channel: Channel = {
      room,
      listeners: new Set(),
      ready: Promise.resolve(),
      seq: undefined,
      catchingUp: undefined,
    };
    channel.ready = this.redis.subscribe(name).then(async () => {
      const { seq } = await this.rooms.summary(room);
      channel.seq ??= seq;
    });
    channel.ready.catch(() => {});
    this.channels.set(name, channel);
    return channel;
  }

  private receive(name: string, json: string): void {
    const channel = this.channels.get(name);
    // The connection hears other channels too, whose messages are no events.
    const event = channel && parseEvent(json);
    if (!channel || !event) return;
    this.metrics.messages.inc({ kind: event.type });
    if (channel.seq === undefined || event.seq === channel.seq + 1) this.deliver(channel, event);
    else if (event.seq > channel.seq) this.catchUp(channel);
  }

  private deliver(channel: Channel, event: RoomEvent): void {
    channel.seq = event.seq;
    for (const listener of [...channel.listeners]) listener(event);
  }

  /** After a reconnection. The connection that asks may come back later than this one; a failure of this one starts another round. */
  private async subscribeAgain(name: string, channel: Channel): Promise<void> {
    for (
      let attempt = 0;
      this.channels.get(name) === channel && this.redis.status === 'ready';
      attempt += 1
    ) {
      try {
        await this.redis.subscribe(name);
        await this.readLog(channel);
        return;
      } catch {
        await new Promise(resolve =>
          setTimeout(resolve, backoffMs(attempt, { baseMs: 50, maxMs: 2_000 })).unref(),
        );
      }
    }
  }

  /** An event was missed on a living connection. When the log cannot be read now, the next event tries again. */
  private catchUp(channel: Channel): void {
    channel.catchingUp ??= this.readLog(channel)
      .catch(() => {})
      .finally(() => {
        channel.catchingUp = undefined;
      });
  }

  private async readLog(channel: Channel): Promise<void> {
    this.metrics.gaps.inc();
    const { events } = await this.rooms.eventsAfter(channel.room, channel.seq ?? 0);
    for (const event of events) {
      if (channel.seq === undefined || event.seq > channel.seq) this.deliver(channel, event);
    }
  }
}
