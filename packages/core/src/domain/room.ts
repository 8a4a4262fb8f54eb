import type { EndpointId, MediaServerUrl, PipelineId, SessionId } from '@manycast/protocol';
import type { Session } from './session.js';

/**
 * A room's life. Every change is one atomic step at the store; the Redis scripts and the memory store must
 * agree with this page, and the contract suite holds both to it.
 *
 *   ended ──claim──▶ starting ──goLive──▶ live ──end of the presenter's session──▶ ended
 *                     │   ▲                 │
 *                     │   └──claim by the same session: its media is built anew──┘
 *                     │   ▲─────── lose: its media server is gone ──────┘
 *                     └──end of the presenter's session, or the claim's deadline passes──▶ ended
 *
 * `generation` grows at every claim and survives the end of the room, so whoever acts on an older one is fenced. It is
 * the time of the claim in Unix ms, or one more than the one before if that is greater; `seq`, the number of the last
 * event, grows by one and begins at the time in ms: so neither comes twice when a store loses its data (decision 0020).
 */
export type Room = EndedRoom | OpenRoom;
export type OpenRoom = StartingRoom | LiveRoom;

export interface EndedRoom {
  state: 'ended';
  generation: number;
  seq: number;
}

interface Open {
  generation: number;
  seq: number;
  presenter: SessionId;
  /** The presenter's included. */
  sessions: Map<SessionId, Session>;
  /** The generation that is ordered to go elsewhere; what is built next keeps it as `former`. */
  moving: number | null;
  former: FormerMedia | null;
}

export interface StartingRoom extends Open {
  state: 'starting';
  /** Another presenter may take the place after this: the process that claimed it must have died. Unix ms. */
  claimedUntilMs: number;
  /** The media of the generation before, which still plays while it is built anew. */
  previous: RoomMedia | null;
}

export interface LiveRoom extends Open {
  state: 'live';
  media: RoomMedia;
  /** The presenter's endpoint: the source of every viewer. */
  source: EndpointId;
  /** Endpoints the pool granted to this room. */
  slots: number;
  /** Those who have one of them. */
  seated: Set<SessionId>;
}

export interface RoomMedia {
  server: MediaServerUrl;
  pipeline: PipelineId;
}

/** What a moved room still plays, for those who have not followed yet. */
export interface FormerMedia extends RoomMedia {
  generation: number;
}

export const emptyRoom: EndedRoom = { state: 'ended', generation: 0, seq: 0 };

/** Whether nobody holds the presenter's place. */
export function isPlaceFree(room: Room, nowMs: number): boolean {
  switch (room.state) {
    case 'ended':
      return true;
    case 'starting':
      return room.claimedUntilMs <= nowMs;
    case 'live':
      return false;
  }
}

/** Whether one more session fits into what the pool granted. */
export const hasFreeSlot = (room: LiveRoom): boolean => room.seated.size < room.slots;
