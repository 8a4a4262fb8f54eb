import type { EndpointId, MediaServerUrl, NodeId, PipelineId, RoomName, SessionId } from '@manycast/protocol';

/**
 * Who is in which room and which media server it is on: the only arbiter of races. Each method is one atomic
 * step; a method that answers `fenced` or `unknown` has changed nothing. Every method throws SignalError
 * `unavailable` when the store cannot be asked; whether the step was done is then unknown, so callers undo it
 * (every undo is idempotent).
 */
export interface RoomStore {
  /** Takes the presenter's place: at most one session gets it, whatever nodes race (R-ROOM-1). */
  claim(order: { room: RoomName; session: SessionId; node: NodeId }): Promise<ClaimResult>;

  /** Publishes the presenter's media: from now on viewers join. Fenced when the claim does not hold any more. */
  goLive(order: {
    room: RoomName;
    session: SessionId;
    generation: number;
    server: MediaServerUrl;
    pipeline: PipelineId;
    endpoint: EndpointId;
    slots: number;
  }): Promise<'live' | 'fenced'>;

  /**
   * Enters a viewer's session, taking one of the room's slots. `slots`: what the pool granted to the broadcast
   * of `generation` since the room answered `out-of-slots`; ignored when the room holds more or has moved on.
   */
  join(order: {
    room: RoomName;
    session: SessionId;
    node: NodeId;
    granted?: { generation: number; slots: number };
  }): Promise<JoinResult>;

  /** Notes a viewer's endpoint. Fenced when the session or the broadcast it joined is gone. */
  confirm(order: {
    room: RoomName;
    session: SessionId;
    generation: number;
    endpoint: EndpointId;
  }): Promise<'confirmed' | 'fenced'>;

  /** Ends a session. A presenter's leaving ends the room and every session in it, and says so on the bus. */
  leave(order: { room: RoomName; session: SessionId }): Promise<LeaveResult>;

  /** The room as it is now; for operators and tests. */
  read(room: RoomName): Promise<RoomView>;
}

export type ClaimResult = { status: 'claimed'; generation: number } | { status: 'presenter-exists' };

export type JoinResult =
  | { status: 'joined'; generation: number; server: MediaServerUrl; pipeline: PipelineId; source: EndpointId }
  | { status: 'starting' }
  | { status: 'no-presenter' }
  | { status: 'out-of-slots'; generation: number; slots: number };

export type LeaveResult =
  | { status: 'left'; server: MediaServerUrl; endpoint: EndpointId | null }
  /** `media` is null when the presenter left before it had any. */
  | { status: 'ended'; generation: number; media: { server: MediaServerUrl; pipeline: PipelineId } | null }
  | { status: 'unknown' };

export interface RoomView {
  state: 'ended' | 'starting' | 'live';
  generation: number;
  seq: number;
  presenter: SessionId | null;
  server: MediaServerUrl | null;
  viewers: number;
}
