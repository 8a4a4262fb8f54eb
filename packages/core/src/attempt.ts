import type { EndpointId, SignalError, Speech } from '@manycast/protocol';
import type { RoomEvent } from './domain/event.js';
import type { Grants } from './domain/grants.js';
import type { Attachment, SessionMedia } from './domain/session.js';
import type { EndpointEvent } from './ports/media-engine.js';
import type { Subscription } from './ports/room-events.js';

/** One try of one client to present or to watch: what the handler of an offer is given. */
export interface Attempt extends Attachment {
  readonly speech: Speech;
  readonly grants: Grants;
  /** Joins the logs of every process that has to do with it. */
  readonly trace: string;
  /** Aborted when the client went away, gave up, or is attached elsewhere by now. */
  readonly signal: AbortSignal;
  onEndpointEvent(event: EndpointEvent): void;
  onRoomEvent(event: RoomEvent): void;
}

/** What an accepted attempt has on the media server, and where its room's media comes from. */
export interface JoinedMedia extends SessionMedia {
  /** The presenter's endpoint; a presenter's own. */
  source: EndpointId;
}

/** What a handler of an offer returns. Refusals are returned, not thrown. */
export type Outcome =
  /** `seq`: of the last room event that happened before, or of the presenter's own going live. */
  | { type: 'accepted'; sdpAnswer: string; media: JoinedMedia; seq: number; subscription: Subscription }
  /** `isOver`: nothing of the session remains. Otherwise it had media before, and keeps it. */
  | { type: 'rejected'; error: SignalError; isOver: boolean };

/** What the store is told of who is asking: nothing of the attempt's own machinery. */
export const identityOf = ({
  room,
  session,
  node,
  epoch,
  speech,
  grants,
  trace,
}: Attempt): Attachment & { speech: Speech; grants: Grants; trace: string } => ({
  room,
  session,
  node,
  epoch,
  speech,
  grants,
  trace,
});
