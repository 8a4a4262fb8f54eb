import type { EndpointId, MediaServerUrl, NodeId, PipelineId, SessionId } from '@manycast/protocol';

/**
 * A room's life. Every change is one atomic step at the store; the Redis scripts and the memory store must
 * agree with this page, and the contract suite holds both to it.
 *
 *   ended ──claim──▶ starting ──goLive──▶ live ──leave(presenter)──▶ ended
 *                       └──leave(presenter), or its deadline passes──▶ ended
 *
 * `generation` grows at every claim and survives the end of the room, so whoever acts on an older one is fenced.
 */
export type Room = EndedRoom | StartingRoom | LiveRoom;

export interface EndedRoom {
  state: 'ended';
  generation: number;
  seq: number;
}

export interface StartingRoom {
  state: 'starting';
  generation: number;
  seq: number;
  presenter: SessionId;
  node: NodeId;
  /** Another presenter may take the place after this: the process that claimed it must have died. Unix ms. */
  claimedUntilMs: number;
}

export interface LiveRoom {
  state: 'live';
  generation: number;
  seq: number;
  presenter: SessionId;
  node: NodeId;
  server: MediaServerUrl;
  pipeline: PipelineId;
  /** The presenter's endpoint: the source of every viewer. */
  source: EndpointId;
  /** Endpoints the pool granted to this room, the presenter's included. */
  slots: number;
  viewers: Map<SessionId, Viewer>;
}

/** A viewer's session; without an endpoint while it is still joining. */
export interface Viewer {
  node: NodeId;
  endpoint: EndpointId | null;
}

export const emptyRoom: EndedRoom = { state: 'ended', generation: 0, seq: 0 };

/** Whether the presenter's place can be taken now. */
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

/** Whether one more viewer fits into what the pool granted. */
export const hasFreeSlot = (room: LiveRoom): boolean => 1 + room.viewers.size < room.slots;
