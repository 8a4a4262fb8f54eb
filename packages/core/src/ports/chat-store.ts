import type { ErrorCode, RoomName } from '@manycast/protocol';
import type { ChatEntry, ChatSummary, Speaker } from '../domain/chat.js';

/**
 * The chat of each room: a log that opens with the room (`RoomStore.claim`) and closes some time after its end. Entries
 * are numbered, stamped and published in one step, so that their order is the same for everybody. Each method is one
 * atomic step, and throws SignalError `unavailable` when the store cannot be asked.
 */
export interface ChatStore {
  /**
   * Says something once, however often it is asked to: the same session's `clientId` is known for as long as the log
   * has the message. Refused where the speaker may not: fenced, muted, too fast for the room, or the chat is closed.
   */
  say(order: Speaker & { clientId: string; text: string }): Promise<SayResult>;

  /** Null for a room that was never opened, or too long ago. */
  state(room: RoomName): Promise<ChatSummary | null>;

  /**
   * The first entries after `after`, or the last before `before`; without either the newest. `epoch`: of which log;
   * without it of the present one. Null when there is none.
   */
  read(order: ChatReadOrder): Promise<ChatPage | null>;
}

export interface ChatReadOrder {
  room: RoomName;
  epoch?: string | undefined;
  after?: number | undefined;
  before?: number | undefined;
  limit: number;
}

export type SayResult =
  | { status: 'said'; epoch: string; offset: number; atMs: number }
  | { status: 'refused'; code: ErrorCode; retryAfterMs?: number };

export interface ChatPage {
  epoch: string;
  /** The oldest and the newest entry there is; both 0 in an empty log. */
  first: number;
  last: number;
  entries: ChatEntry[];
}
