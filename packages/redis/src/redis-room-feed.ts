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
import type { Redis } from 'ioredis';
import { type FollowedChannel, FollowedChannels } from './followed-channels.js';
import type { Keys } from './keys.js';
import { readTold } from './told-message.js';

/** What comes over the channel. Others are of a newer release. */
type FeedMessage =
  | { type: 'entry'; entry: ChatEntry | undefined }
  | { type: 'presence'; viewers: number; isPresenterAway: boolean };

interface Followed {
  summary: ChatSummary | null;
  isReady: boolean;
  /** How often the number of viewers was told. */
  told: number;
}

type Channel = FollowedChannel<Followed, FeedListener>;

/** A class, because an object literal with a getter has a shape of its own each time: half a kilobyte for each client. */
class Membership implements FeedSubscription {
  constructor(
    private readonly channels: FollowedChannels<Followed, FeedListener>,
    private readonly channel: Channel,
    private readonly listener: FeedListener,
  ) {}

  close(): void {
    this.channels.leave(this.channel, this.listener);
  }

  get summary(): ChatSummary | null {
    return this.channel.state.summary;
  }
}

/** Entries asked for at once after a loss. */
const pageLimit = 500;

/**
 * The feed on Redis pub/sub, over the connection that only subscribes: one subscription for each room and node. Pub/sub
 * may lose messages; a jump in the offsets, or a reconnection, makes it read the log.
 */
export class RedisRoomFeed implements RoomFeed {
  private readonly channels: FollowedChannels<Followed, FeedListener>;

  constructor(
    redis: Redis,
    private readonly keys: Keys,
    private readonly chat: Pick<ChatStore, 'state' | 'read'>,
  ) {
    this.channels = new FollowedChannels<Followed, FeedListener>(redis, {
      fresh: () => ({ summary: null, isReady: false, told: 0 }),
      begin: async ({ room, state }) => {
        state.summary = await this.chat.state(room);
        state.isReady = true;
      },
      receive: (channel, json) => this.receive(channel, json),
      readLog: channel => this.readLog(channel),
    });
  }

  async subscribe(room: RoomName, listener: FeedListener): Promise<FeedSubscription> {
    const channel = await this.channels.join(this.keys.feedChannel(room), room, listener);
    return new Membership(this.channels, channel, listener);
  }

  private receive(channel: Channel, json: string): void {
    if (!channel.state.isReady) return;
    const message = readTold<FeedMessage>(json);
    if (message?.type === 'entry' && typeof message.entry?.offset === 'number')
      return this.take(channel, message.entry);
    if (message?.type !== 'presence') return;
    const { viewers, isPresenterAway } = message;
    this.tellPresence(channel, { viewers, isPresenterAway });
  }

  private tellPresence({ state, listeners }: Channel, audience: Audience): void {
    state.told += 1;
    if (state.summary) state.summary = { ...state.summary, ...audience };
    for (const listener of [...listeners]) listener.onPresence(audience);
  }

  private take(channel: Channel, entry: ChatEntry): void {
    const { summary } = channel.state;
    const isSame = summary?.epoch === entry.epoch;
    if (isSame && entry.offset <= summary.offset) return;
    if (!isSame && summary && !isLaterEpoch(entry.epoch, summary.epoch)) return;
    const expected = isSame ? summary.offset + 1 : 1;
    if (entry.offset === expected) this.deliver(channel, entry);
    else this.channels.catchUp(channel);
  }

  private deliver(channel: Channel, entry: ChatEntry): void {
    channel.state.summary = advanced(channel.state.summary, entry);
    for (const listener of [...channel.listeners]) listener.onEntry(entry);
  }

  /** The rest of the log that is being followed; then, if the room was opened anew since, the one that is written now. */
  private async readLog(channel: Channel): Promise<void> {
    if (!channel.state.isReady) return;
    const { room } = channel;
    for (;;) {
      const { summary } = channel.state;
      if (summary) {
        const { epoch, offset } = summary;
        const page = await this.chat.read({ room, epoch, after: offset, limit: pageLimit });
        if (this.deliverNew(channel, page)) continue;
      }
      const present = await this.chat.read({ room, after: 0, limit: pageLimit });
      const isFollowed = !present || present.epoch === channel.state.summary?.epoch;
      if (isFollowed || !this.deliverNew(channel, present)) return this.readState(channel);
    }
  }

  /**
   * That another log has begun is not told before something is said in it. The number of viewers is said once, when it
   * changes: what was said of it while nobody listened is asked for.
   */
  private async readState(channel: Channel): Promise<void> {
    const { state, room } = channel;
    const { summary: before, told } = state;
    const now = await this.chat.state(room);
    if (!now) return;
    // What was told meanwhile may be newer.
    const isTold = state.told !== told;
    const { viewers, isPresenterAway } = isTold && state.summary ? state.summary : now;
    if (!state.summary || isLaterEpoch(now.epoch, state.summary.epoch))
      state.summary = { ...now, viewers, isPresenterAway };
    if (isTold || !before) return;
    if (viewers === before.viewers && isPresenterAway === before.isPresenterAway) return;
    this.tellPresence(channel, { viewers, isPresenterAway });
  }

  /** Whether there was something. Others may have come meanwhile. */
  private deliverNew(channel: Channel, page: ChatPage | null): boolean {
    let isAny = false;
    for (const entry of page?.entries ?? []) {
      const { summary } = channel.state;
      if (summary?.epoch === entry.epoch && entry.offset <= summary.offset) continue;
      this.deliver(channel, entry);
      isAny = true;
    }
    return isAny;
  }
}
