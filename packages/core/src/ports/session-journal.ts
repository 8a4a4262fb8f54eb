import type { NodeId, RoomName, SessionId } from '@manycast/protocol';
import type { Role } from '../domain/session.js';

/** What happens to a session, as far as "why is this viewer black" needs it. */
export type JournalEvent =
  | 'offered'
  | 'answered'
  | 'rejected'
  | 'connected'
  | 'disconnected'
  | 'media-flowing'
  | 'media-stopped'
  | 'resumed'
  | 'media-lost'
  | 'detached'
  | 'superseded'
  | 'left';

export interface JournalEntry {
  /** Unix ms, by the node's clock. */
  atMs: number;
  what: JournalEvent;
  node: NodeId;
  room: RoomName;
  role: Role;
  /** Which joins the logs of all processes. */
  trace: string;
  /** Such as a code, or how long the parts of a join took. */
  detail?: Record<string, string | number | boolean>;
}

/**
 * The last things that happened to each session, for operators. Kept for a while after its end, and on a best-effort
 * basis: nothing waits for it, and what an outage swallows is missing.
 */
export interface SessionJournal {
  note(session: SessionId, entry: JournalEntry): void;
  /** In order; empty when nothing is known. Throws SignalError `unavailable`. */
  read(session: SessionId): Promise<JournalEntry[]>;
}
