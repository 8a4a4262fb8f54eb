import type {
  EndpointId,
  MediaServerUrl,
  NodeId,
  PipelineId,
  RoomName,
  SessionId,
  Speech,
} from '@manycast/protocol';
import type { RoomEvent } from '../domain/event.js';
import type { Grants, TokenInUse } from '../domain/grants.js';
import type { FormerMedia, RoomMedia } from '../domain/room.js';
import type { Attachment, Role, Session, SessionMedia } from '../domain/session.js';

/**
 * Who is in which room, where they are attached, and which media server the room is on: the only arbiter of
 * races. Each method is one atomic step; one that answers `fenced` or `unknown` has changed nothing. Every method
 * throws SignalError `unavailable` when the store cannot be asked; whether the step was done is then unknown, so
 * callers undo it (every undo is idempotent).
 */
export interface RoomStore {
  /**
   * Takes the presenter's place: at most one session gets it, whatever nodes race (R-ROOM-1). The session that has
   * the place already builds its media anew: the next generation, with everybody still in the room.
   */
  claim(order: Attachment & { speech: Speech; grants: Grants; trace?: string }): Promise<ClaimResult>;

  /** Publishes the presenter's media, who has its socket: from now on viewers join. `fenced` when the claim or the attachment does not hold any more, `unknown` when the session has ended. */
  goLive(
    order: Attachment & {
      generation: number;
      server: MediaServerUrl;
      pipeline: PipelineId;
      endpoint: EndpointId;
      slots: number;
    },
  ): Promise<GoLiveResult>;

  /**
   * Enters a viewer's session, taking one of the room's slots; one that is in already keeps it. `granted`: what
   * the pool granted to the broadcast of that generation since the room answered `out-of-slots`.
   */
  join(
    order: Attachment & { speech: Speech; grants: Grants; granted?: { generation: number; slots: number } },
  ): Promise<JoinResult>;

  /** Notes a viewer's media, and that it has its socket. Fenced when the session, its attachment or the broadcast it joined is gone. */
  confirm(order: Attachment & { media: SessionMedia }): Promise<'confirmed' | 'fenced'>;

  /** Ends a session; also one restored with epoch 0. A presenter's leaving ends the room and every session in it, and says so on the bus. */
  leave(order: Attachment): Promise<LeaveResult>;

  /** Attaches a session to a node with the next epoch. What was attached before is told that it is superseded (R-OWN-1). */
  attach(order: {
    room: RoomName;
    session: SessionId;
    node: NodeId;
    /**
     * Of the resume token; the one before the present is good too, because the reply that replaced it may be lost.
     * Any is good for a session that was restored with epoch 0, which nobody remembers; its next is then counted
     * from the token's.
     */
    tokenEpoch: number;
    /** The last event the client saw. */
    seq: number;
  }): Promise<AttachResult>;

  /** The session has lost its socket: its grace period begins. */
  detach(order: Attachment): Promise<'detached' | 'fenced'>;

  /**
   * The session is still attached here: a grace period that began because its node was taken for dead is over.
   * `fenced` when it is attached elsewhere, `unknown` when it has ended.
   */
  hold(order: Attachment): Promise<'held' | 'fenced' | 'unknown'>;

  /** Another join token lets the session stay. */
  renewToken(order: Attachment & { token: TokenInUse }): Promise<'renewed' | 'fenced'>;

  /** A node is gone: the grace period of every session it had in the room begins. Returns them all, also those begun before. */
  detachNode(order: { room: RoomName; node: NodeId }): Promise<DetachedSession[]>;

  /** Ends a session that has been detached since `epoch` for at least `graceMs` (R-OWN-3). */
  expire(order: {
    room: RoomName;
    session: SessionId;
    epoch: number;
    graceMs: number;
  }): Promise<LeaveResult | { status: 'attached' } | { status: 'not-yet'; dueInMs: number }>;

  /** The room as it is now, with everybody in it. */
  read(room: RoomName): Promise<RoomView>;

  /** One session as it is now: cheap however many there are. */
  session(room: RoomName, session: SessionId): Promise<Session | null>;

  /**
   * The media server of a generation is lost (R-KMS-2): the room goes back to its start, with everybody in it, and its
   * presenter has `graceMs` to build its media anew. What is late from the old server is fenced. `superseded` when it
   * has been built anew already.
   */
  lose(order: { room: RoomName; generation: number; graceMs: number }): Promise<LoseResult>;

  /**
   * Orders a live generation to go elsewhere: when its presenter builds the next, what played before stays beside it
   * (`former`) until `leaveFormer`. Idempotent.
   */
  move(order: { room: RoomName; generation: number }): Promise<MoveStatus>;

  /** Nobody needs any more what a moved room played before as `generation`: returned to be released, once. */
  leaveFormer(order: { room: RoomName; generation: number }): Promise<RoomMedia | null>;

  /**
   * Ends a broadcast whose presenter has no session: nobody else could end it. `isOverdue`: also one whose presenter
   * did not build its media in time. `fenced` when that is not so.
   */
  endAbandoned(order: {
    room: RoomName;
    generation: number;
    isOverdue?: boolean;
  }): Promise<Extract<LeaveResult, { status: 'ended' | 'fenced' }>>;

  /** The room without those in it: cheap however many they are. */
  summary(room: RoomName): Promise<RoomSummary>;

  /** Events after `seq` that the log still has, in order; all of them after 0. */
  eventsAfter(room: RoomName, seq: number): Promise<EventLog>;

  /**
   * Puts back what a store that lost its data has forgotten (R-REDIS-2), and tells a node that put back an older
   * attachment. Never overwrites what is newer: `fenced` when another broadcast, or the end of this one, came before;
   * `superseded` when the session is attached elsewhere. What counts the room's events goes on above whatever it had
   * reached.
   */
  restore(order: {
    room: RoomName;
    session: SessionId;
    record: Session;
    source: EndpointId | null;
    seq: number;
    slots: number;
  }): Promise<RestoreStatus>;
}

export type RestoreStatus = 'restored' | 'fenced' | 'superseded';

export type ClaimResult =
  /** `isAnew`: the session had the place already. `sessions`: how many are in the room. */
  | { status: 'claimed'; generation: number; isAnew: boolean; sessions: number }
  /** `isAbsent`: it has no socket, so that the place may soon be free. */
  | { status: 'presenter-exists'; isAbsent: boolean }
  | { status: 'banned' }
  | { status: 'room-not-open'; retryAfterMs: number }
  | { status: 'fenced' };

/** `seq`: of the event that says so. `previous`: media of a generation before, to be released now. `hasFormer`: some still plays. */
export type GoLiveResult =
  | { status: 'live'; seq: number; previous: RoomMedia | null; hasFormer: boolean }
  | { status: 'fenced' }
  | { status: 'unknown' };

export type JoinResult =
  | {
      status: 'joined';
      generation: number;
      server: MediaServerUrl;
      pipeline: PipelineId;
      source: EndpointId;
      /** Of the room's last event. */
      seq: number;
      /** What the session had before, to be released once it is replaced. */
      previous: SessionMedia | null;
    }
  | { status: 'starting' }
  | { status: 'no-presenter' }
  | { status: 'banned' }
  | { status: 'room-full' }
  | { status: 'fenced' }
  | { status: 'out-of-slots'; generation: number; slots: number };

export type LeaveResult =
  | { status: 'left'; media: SessionMedia | null }
  /** `media` is what the room had, if it had any yet; `former` what still played of it elsewhere. */
  | { status: 'ended'; generation: number; media: RoomMedia | null; former?: RoomMedia }
  /** The session is attached elsewhere: what it has is not the caller's any more. */
  | { status: 'fenced' }
  /** The session does not exist. */
  | { status: 'unknown' };

export type LoseResult =
  /** `media`: what it had there, to be released should that server come back. */
  | { status: 'lost'; generation: number; media: RoomMedia | null }
  | { status: 'superseded' }
  | { status: 'ended' };

/** `starting`: its presenter is building it anew just now. `superseded`: it has been. */
export type MoveStatus = 'moving' | 'starting' | 'superseded' | 'ended';

export type AttachResult =
  | {
      status: 'attached';
      epoch: number;
      role: Role;
      grants: Grants;
      trace?: string;
      /** Null when the session never got that far. */
      media: SessionMedia | null;
      room: RoomSummary;
      log: EventLog;
    }
  | { status: 'unknown' }
  | { status: 'bad-token' };

export interface EventLog {
  events: RoomEvent[];
  /** False when events between `seq` and the first of these, or the room's last, are not kept any more. */
  isComplete: boolean;
}

export interface DetachedSession {
  session: SessionId;
  epoch: number;
  role: Role;
  speech: Speech;
  media: SessionMedia | null;
}

export interface RoomSummary {
  state: 'ended' | 'starting' | 'live';
  generation: number;
  seq: number;
}

export interface RoomView extends RoomSummary {
  presenter: SessionId | null;
  media: RoomMedia | null;
  /** What a moved room still plays elsewhere, for those who have not followed yet. */
  former: FormerMedia | null;
  /** Endpoints the pool granted to the room; 0 unless it is live. */
  slots: number;
  sessions: Map<SessionId, Session>;
}
