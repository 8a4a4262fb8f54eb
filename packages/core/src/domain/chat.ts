import type { ChatEntryFields, ModerationAct, RoomName, SessionId } from '@manycast/protocol';

/** One entry of a chat's log, as it is kept, told and shown. */
export type ChatEntry = ChatEntryFields;

/** What a room's chat has from its opening to its end. */
export interface ChatSettings {
  /** How long it stays open when the broadcast is over. */
  afterglowMs: number;
  /** How long its log can be read after that. */
  transcriptMs: number;
  /** Entries of the log; the oldest go first. */
  kept: number;
}

export const usualChat: ChatSettings = { afterglowMs: 60_000, transcriptMs: 86_400_000, kept: 10_000 };

/** Who says something, as the node knows it. */
export interface Speaker {
  room: RoomName;
  session: SessionId;
  /** Of its attachment. */
  epoch: number;
  name: string | null;
  identity: string | null;
  isModerator: boolean;
  mayChat: boolean;
}

/** A client's place in the chat's log: the last entry it has seen. */
export interface ChatPosition {
  epoch: string;
  offset: number;
}

/**
 * Logs of one room in their order. An epoch begins with the time at which its log began, Unix ms; a store that lost its
 * data begins another.
 */
export const isLaterEpoch = (one: string, other: string): boolean => {
  const [began, otherBegan] = [Number.parseInt(one, 10), Number.parseInt(other, 10)];
  return began === otherBegan ? one > other : began > otherBegan;
};

/** Who is there. */
export interface Audience {
  /** Everybody in the room but its presenter, on whatever node, those within their grace periods included. */
  viewers: number;
  /** The presenter has no socket, and may come back. */
  isPresenterAway: boolean;
}

/** Where a room's chat stands. */
export interface ChatSummary extends Audience {
  epoch: string;
  /** Of the newest entry; 0 in an empty log. */
  offset: number;
  /** Null while the broadcast lasts; then when the chat closes or has closed, Unix ms by the store's clock. */
  closesAtMs: number | null;
  slowModeMs: number;
}

/** The summary after one more entry. */
export function advanced(summary: ChatSummary | null, entry: ChatEntry): ChatSummary {
  const isSame = summary?.epoch === entry.epoch;
  const next: ChatSummary = {
    closesAtMs: isSame ? summary.closesAtMs : null,
    slowModeMs: isSame ? summary.slowModeMs : 0,
    viewers: summary?.viewers ?? 0,
    isPresenterAway: summary?.isPresenterAway ?? false,
    epoch: entry.epoch,
    offset: entry.offset,
  };
  if (entry.type === 'ended') next.closesAtMs = entry.closesAtMs;
  if (entry.type === 'slow-mode') next.slowModeMs = entry.intervalMs;
  return next;
}

/** What a moderator (a session of the room), or an operator (null), does. */
export interface Moderation {
  room: RoomName;
  by: { session: SessionId; epoch: number } | null;
  /** The same one again is the same request. */
  clientId: string;
  act: ModerationAct;
}

/** A live room as it is listed. */
export interface RoomCard extends Audience {
  opening: string;
  /** Grows with each card of an opening. */
  seq: number;
  title: string | null;
  startedAtMs: number;
  /** When it is closed, if it may not last for ever. */
  endsAtMs: number | null;
  presenterName: string | null;
  isListed: boolean;
}
