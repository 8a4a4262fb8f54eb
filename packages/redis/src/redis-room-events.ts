import type { RoomEvent, RoomEvents, RoomStore, Subscription } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import type { Redis } from 'ioredis';
import { type FollowedChannel, FollowedChannels } from './followed-channels.js';
import type { Keys } from './keys.js';
import { RelayMetrics } from './relay-metrics.js';
import { readTold } from './told-message.js';

type Listener = (event: RoomEvent) => void;

interface Followed {
  /** Of the last event that was delivered; undefined until the room has been asked. */
  seq: number | undefined;
}

type Channel = FollowedChannel<Followed, Listener>;

/** A class, because a closure for each client holds more than it needs, the channel's name made anew for one. */
class Membership implements Subscription {
  constructor(
    private readonly channels: FollowedChannels<Followed, Listener>,
    private readonly channel: Channel,
    private readonly listener: Listener,
  ) {}

  close(): void {
    this.channels.leave(this.channel, this.listener);
  }
}

/**
 * The bus on Redis pub/sub: one subscription per room however many members it has on this node. Pub/sub may lose
 * messages; a jump in the numbers, or a reconnection, makes it read the room's log.
 */
export class RedisRoomEvents implements RoomEvents {
  private readonly channels: FollowedChannels<Followed, Listener>;

  /** `redis` must be a connection that only subscribes. */
  constructor(
    redis: Redis,
    private readonly keys: Keys,
    private readonly rooms: Pick<RoomStore, 'summary' | 'eventsAfter'>,
    private readonly metrics: RelayMetrics = new RelayMetrics(),
  ) {
    this.channels = new FollowedChannels<Followed, Listener>(redis, {
      fresh: () => ({ seq: undefined }),
      begin: async ({ room, state }) => {
        const { seq } = await this.rooms.summary(room);
        state.seq ??= seq;
      },
      receive: (channel, json) => this.receive(channel, json),
      readLog: channel => this.readLog(channel),
    });
  }

  async subscribe(room: RoomName, listener: Listener): Promise<Subscription> {
    const channel = await this.channels.join(this.keys.eventChannel(room), room, listener);
    return new Membership(this.channels, channel, listener);
  }

  private receive(channel: Channel, json: string): void {
    const event = readTold<RoomEvent>(json);
    if (!event) return;
    this.metrics.messages.inc({ kind: event.type });
    const { seq } = channel.state;
    if (seq === undefined || event.seq === seq + 1) this.deliver(channel, event);
    else if (event.seq > seq) this.channels.catchUp(channel);
  }

  private deliver(channel: Channel, event: RoomEvent): void {
    channel.state.seq = event.seq;
    for (const listener of [...channel.listeners]) listener(event);
  }

  private async readLog(channel: Channel): Promise<void> {
    this.metrics.gaps.inc();
    const { events } = await this.rooms.eventsAfter(channel.room, channel.state.seq ?? 0);
    for (const event of events) {
      const { seq } = channel.state;
      if (seq === undefined || event.seq > seq) this.deliver(channel, event);
    }
  }
}
