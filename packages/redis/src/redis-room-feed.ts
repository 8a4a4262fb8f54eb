import {
  type Audience,
  advanced,
  type ChatEntry,
  type ChatPage,
  type ChatStore,
  type ChatSummary,
  type FeedListener,
  type FeedSubscription,
  isLaterEpoch,
  type RoomFeed,
} from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import { backoffMs } from '@manycast/runtime';
import type { Redis } from 'ioredis';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

/** What comes over the channel. Others are of a newer release. */
type FeedMessage =
  | { v: number; type: 'entry'; entry: ChatEntry }
  | { v: number; type: 'presence'; viewers: number; isPresenterAway: boolean };

interface Channel {
  room: RoomName;
  listeners: Set<FeedListener>;
  ready: Promise<unknown>;
  summary: ChatSummary | null;
  isReady: boolean;
  /** Set while the log is being read, so that it is read once for a burst of entries. */
  catchingUp: Promise<void> | undefined;
}

/** A class, because an object literal with a getter has a shape of its own each time: half a kilobyte for each client. */
class Membership implements FeedSubscription {
  constructor(
    private readonly channel: Channel,
    readonly close: () => void,
  ) {}

  get summary(): ChatSummary | null {
    return this.channel.summary;
  }
}

/** Entries asked for at once after a loss. */
const pageLimit = 500;

/**
 * The feed on Redis pub/sub, over the connection that only subscribes: one subscription for each room and node. Pub/sub
 * may lose messages; a jump in the offsets, or a reconnection, makes it read the log.
 */
export class RedisRoomFeed implements RoomFeed {
  private readonly channels = new Map<string, Channel>();

  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
    private readonly chat: Pick<ChatStore, 'state' | 'read'>,
  ) {
    redis.on('message', (name: string, json: string) => {
      const channel = this.channels.get(name);
      if (channel) this.receive(channel, json);
    });
    redis.on('ready', () => {
      for (const [name, channel] of this.channels) void this.subscribeAgain(name, channel);
    });
  }

  async subscribe(room: RoomName, listener: FeedListener): Promise<FeedSubscription> {
    const name = this.keys.feedChannel(room);
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
    return new Membership(channel, close);
  }

  private open(name: string, room: RoomName): Channel {
    const channel: Channel = {
      room,
      listeners: new Set(),
      ready: Promise.resolve(),
      summary: null,
      isReady: false,
      catchingUp: undefined,
    };
    channel.ready = this.redis.subscribe(name).then(() => this.begin(channel));
    channel.ready.catch(() => {});
    this.channels.set(name, channel);
    return channel;
  }

  /** What came between subscribing and asking is in the answer. */
  private async begin(channel: Channel): Promise<void> {
    channel.summary = await this.chat.state(channel.room);
    channel.isReady = true;
  }

  private receive(channel: Channel, json: string): void {
    if (!channel.isReady) return;
    const message = JSON.parse(json) as FeedMessage;
    if (message.v !== 1) return;
    if (message.type === 'entry') return this.take(channel, message.entry);
    if (message.type !== 'presence') return;
    const { viewers, isPresenterAway } = message;
    const audience: Audience = { viewers, isPresenterAway };
    if (channel.summary) channel.summary = { ...channel.summary, ...audience };
    for (const listener of [...channel.listeners]) listener.onPresence(audience);
  }

  private take(channel: Channel, entry: ChatEntry): void {
    const { summary } = channel;
    const isSame = summary?.epoch === entry.epoch;
    if (isSame && entry.offset <= summary.offset) return;
    if (!isSame && summary && !isLaterEpoch(entry.epoch, summary.epoch)) return;
    const expected = isSame ? summary.offset + 1 : 1;
    if (entry.offset === expected) this.deliver(channel, entry);
    else this.catchUp(channel);
  }

  private deliver(channel: Channel, entry: ChatEntry): void {
    channel.summary = advanced(channel.summary, entry);
    for (const listener of [...channel.listeners]) listener.onEntry(entry);
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

  /** An entry was missed on a living connection. When the log cannot be read now, the next entry tries again. */
  private catchUp(channel: Channel): void {
    channel.catchingUp ??= this.readLog(channel)
      .catch(() => {})
      .finally(() => {
        channel.catchingUp = undefined;
      });
  }

  /** The rest of the log that is being followed; then, if the room was opened anew since, the one that is written now. */
  private async readLog(channel: Channel): Promise<void> {
    if (!channel.isReady) return;
    const { room } = channel;
    for (;;) {
      const { summary } = channel;
      if (summary) {
        const { epoch, offset } = summary;
        const page = await this.chat.read({ room, epoch, after: offset, limit: pageLimit });
        if (this.deliverNew(channel, page)) continue;
      }
      const present = await this.chat.read({ room, after: 0, limit: pageLimit });
      if (!present || present.epoch === channel.summary?.epoch) return;
      if (!this.deliverNew(channel, present)) {
        channel.summary = await this.chat.state(room);
        return;
      }
    }
  }

  /** Whether there was something. Others may have come meanwhile. */
  private deliverNew(channel: Channel, page: ChatPage | null): boolean {
    let isAny = false;
    for (const entry of page?.entries ?? []) {
      const { summary } = channel;
      if (summary?.epoch === entry.epoch && entry.offset <= summary.offset) continue;
      this.deliver(channel, entry);
      isAny = true;
    }
    return isAny;
  }
}
