import type {
  EndpointId,
  MediaServerUrl,
  NodeId,
  PipelineId,
  RoomName,
  SessionId,
  Speech,
} from '@manycast/protocol';
import type { Grants } from './grants.js';

export type Role = 'presenter' | 'viewer';

/** A session's present socket. The epoch grows by one at every attach; whoever writes with an older one is fenced. */
export interface Attachment {
  room: RoomName;
  session: SessionId;
  node: NodeId;
  epoch: number;
}

/** What a session has on a media server. `generation`: the broadcast it belongs to. */
export interface SessionMedia {
  generation: number;
  server: MediaServerUrl;
  pipeline: PipelineId;
  endpoint: EndpointId;
}

/**
 * One participant of a room, as the store keeps it.
 *
 *   joining ──media noted──▶ present ──socket or node lost──▶ detached ──attach──▶ present
 *      any ──leave, grace over, room ended──▶ gone
 */
export interface Session {
  role: Role;
  speech: Speech;
  grants: Grants;
  /** Of its join; a record of the release before has none. */
  trace?: string;
  node: NodeId;
  epoch: number;
  /** Null while it is still joining. */
  media: SessionMedia | null;
  /** Unix ms since which it has no socket; null while it has one. */
  detachedAtMs: number | null;
}

/** Whether a session that has lost its socket has been away for longer than it may. */
export const isGraceOver = (session: Session, graceMs: number, nowMs: number): boolean =>
  session.detachedAtMs !== null && nowMs - session.detachedAtMs >= graceMs;

/** How long a session without a socket is kept, in ms. */
export interface GracePeriods {
  presenterMs: number;
  viewerMs: number;
}

export const graceMsOf = (role: Role, grace: GracePeriods): number =>
  role === 'presenter' ? grace.presenterMs : grace.viewerMs;
