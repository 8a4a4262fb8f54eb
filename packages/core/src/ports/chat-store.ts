import type { ErrorCode, RoomName, RosterMember } from '@manycast/protocol';
import type { ChatEntry, ChatSummary, Moderation, RoomCard, Speaker } from '../domain/chat.js';
import type { LeaveResult } from './room-store.js';

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

  /** Openings of the room that have ended and whose log is kept, the newest first. */
  openings(room: RoomName): Promise<{ epoch: string; endedAtMs: number }[]>;

  /**
   * Does what a moderator wants, notes it in the log, and ends whoever it ends: in one step, once. What they had is the
   * caller's to give back. Refused where who asks may not, or what it is about is not there.
   */
  moderate(order: Moderation): Promise<ModerateResult>;

  /**
   * Tells everybody how many watch, if that has changed, and was not told within `pauseMs`: then it is to be called
   * again in `dueInMs`.
   */
  tellPresence(room: RoomName, pauseMs: number): Promise<PresenceReport>;

  /** Who is there: about `limit` at a time. One who comes or goes meanwhile may be missing, or be there twice. */
  roster(order: { room: RoomName; after?: string | undefined; limit: number }): Promise<RosterPage>;
}

export type ModerateResult =
  | { status: 'done'; ended: LeaveResult[] }
  | { status: 'refused'; code: ErrorCode };

export type PresenceReport =
  | { status: 'told' | 'same'; card: RoomCard }
  | { status: 'early'; dueInMs: number }
  /** Nobody has been live yet. */
  | { status: 'idle' }
  | { status: 'ended'; opening: string | null };

export interface RosterPage {
  members: RosterMember[];
  /** `after` of the next page. */
  next: string | null;
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
