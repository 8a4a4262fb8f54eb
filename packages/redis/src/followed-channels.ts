import type { RoomName } from '@manycast/protocol';
import { backoffMs } from '@manycast/runtime';
import type { Redis } from 'ioredis';
import { guard } from './guard.js';

/** A room's channel on this node. `state`: how far it has been followed. */
export interface FollowedChannel<State, Listener> {
  readonly name: string;
  readonly room: RoomName;
  readonly listeners: Set<Listener>;
  ready: Promise<unknown>;
  state: State;
  /** Set while the log is being read, so that it is read once for a burst of messages. */
  catchingUp: Promise<void> | undefined;
}

/** What one kind of channel carries, and the log that has it too. */
export interface FollowedLog<State, Listener> {
  /** Of a channel that nobody has subscribed to yet. */
  fresh(): State;
  /** Subscribed: where to begin. What came between subscribing and asking is in the answer. */
  begin(channel: FollowedChannel<State, Listener>): Promise<void>;
  receive(channel: FollowedChannel<State, Listener>, json: string): void;
  /** Delivers what was missed. */
  readLog(channel: FollowedChannel<State, Listener>): Promise<void>;
}

/**
 * Channels of rooms over a connection that only subscribes: one subscription for each however many listen. Pub/sub may
 * lose messages: after a reconnection, or when `catchUp` is called, the log is read.
 */
export class FollowedChannels<State, Listener> {
  private readonly channels = new Map<string, FollowedChannel<State, Listener>>();

  constructor(
    private readonly redis: Redis,
    private readonly log: FollowedLog<State, Listener>,
  ) {
    redis.on('message', (name: string, json: string) => {
      // The connection hears other channels too.
      const channel = this.channels.get(name);
      if (channel) log.receive(channel, json);
    });
    redis.on('ready', () => {
      for (const [name, channel] of this.channels) void this.subscribeAgain(name, channel);
    });
  }

  /** Resolves when it has begun; `leave` ends it. Throws SignalError `unavailable`. */
  async join(name: string, room: RoomName, listener: Listener): Promise<FollowedChannel<State, Listener>> {
    const channel = this.channels.get(name) ?? this.open(name, room);
    channel.listeners.add(listener);
    try {
      await guard(() => channel.ready);
    } catch (error) {
      this.leave(channel, listener);
      throw error;
    }
    return channel;
  }

  /** Idempotent. */
  leave(channel: FollowedChannel<State, Listener>, listener: Listener): void {
    const { name, listeners } = channel;
    if (!listeners.delete(listener) || listeners.size > 0) return;
    if (this.channels.get(name) === channel) this.channels.delete(name);
    // In the order of the connection: a subscribe that follows this one also arrives after it.
    this.redis.unsubscribe(name).catch(() => {});
  }

  /** Something was missed on a living connection. When the log cannot be read now, the next message tries again. */
  catchUp(channel: FollowedChannel<State, Listener>): void {
    channel.catchingUp ??= this.log
      .readLog(channel)
      .catch(() => {})
      .finally(() => {
        channel.catchingUp = undefined;
      });
  }

  private open(name: string, room: RoomName): FollowedChannel<State, Listener> {
    const channel: FollowedChannel<State, Listener> = {
      name,
      room,
      listeners: new Set(),
      ready: Promise.resolve(),
      state: this.log.fresh(),
      catchingUp: undefined,
    };
    channel.ready = this.redis.subscribe(name).then(() => this.log.begin(channel));
    channel.ready.catch(() => {});
    this.channels.set(name, channel);
    return channel;
  }

  /** After a reconnection. The connection that asks may come back later than this one; a failure of this one starts another round. */
  private async subscribeAgain(name: string, channel: FollowedChannel<State, Listener>): Promise<void> {
    for (
      let attempt = 0;
      this.channels.get(name) === channel && this.redis.status === 'ready';
      attempt += 1
    ) {
      try {
        await this.redis.subscribe(name);
        await this.log.readLog(channel);
        return;
      } catch {
        await new Promise(resolve =>
          setTimeout(resolve, backoffMs(attempt, { baseMs: 50, maxMs: 2_000 })).unref(),
        );
      }
    }
  }
}
