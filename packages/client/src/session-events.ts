import type { ChatEntryMessage, ChatState, Resumed, RoomChange } from '@manycast/protocol';
import type { SessionError } from './session-error.js';
import type { EndReason, SessionState } from './session-state.js';

export interface SessionEvents {
  /** At every change. */
  state: SessionState;
  /** The server took the offer; media is on its way. Once for every offer, renegotiations included. */
  accepted: Record<never, never>;
  /** Viewers: a track arrives. After a renegotiation again; `stream` is the same object then, with other tracks in it. */
  track: { track: MediaStreamTrack; stream: MediaStream | undefined };
  /** Whether media flows on the present connection. A pause that does not mend itself ends in a new offer. */
  media: { isFlowing: boolean };
  /** What happened in the room: in order, each once. */
  room: RoomChange;
  /** Events after number `seq` are missing. They are fetched, unless `isLost`: then `room`, or the event that follows, is all there is to know. */
  gap: { seq: number; isLost: false } | { seq: number; isLost: true; room?: Resumed['room'] };
  /** What is said in the room, and what moderators do there: in order, each once. */
  chat: ChatEntryMessage;
  /** Where the chat stands; entries after `offset` that were not told yet follow. */
  chatState: ChatState;
  /** Entries of the chat after `offset` are not kept any more. */
  chatGap: { offset: number };
  /** How many watch: at most once a second, and when it changed. */
  presence: { viewers: number; isPresenterAway: boolean };
  /** No socket carries the session. The next attempt begins after `delayMs`; the media is not touched. */
  reconnecting: { attempt: number; delayMs: number };
  /** Another socket carries the session, on `node`. */
  resumed: { node: string; missedEvents: number };
  /** The old session could not go on, for this reason; a new one has begun in its place, and offers again. */
  restarted: { reason: SessionError };
  /** Something went wrong that the session lives on with. */
  error: SessionError;
  /** Once; nothing follows. */
  ended: { reason: EndReason; error?: SessionError };
}
