import type { RoomName } from '@manycast/protocol';
import type { Audience, ChatEntry, ChatSummary } from '../domain/chat.js';
import type { Subscription } from './room-events.js';

/**
 * What is said in a room, and how many watch it: to every node that has somebody who wants to know. Apart from
 * RoomEvents, because those carry what media depends on. One message of the bus for each node and entry.
 */
export interface RoomFeed {
  /** Resolves when entries from now on will be delivered. Throws SignalError `unavailable`. */
  subscribe(room: RoomName, listener: FeedListener): Promise<FeedSubscription>;
}

/** Must not throw. */
export interface FeedListener {
  /**
   * In order and each once. A lost message is made good from the log, as far back as that reaches; a jump in the offsets
   * says that it does not. The same object for every listener of this node.
   */
  onEntry(entry: ChatEntry): void;
  onPresence(audience: Audience): void;
}

export interface FeedSubscription extends Subscription {
  /** As of the last entry that was delivered; null when the room has no chat. */
  readonly summary: ChatSummary | null;
}
