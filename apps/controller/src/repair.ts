import type { Expiry } from '@manycast/core';
import type { EndpointId, MediaServerUrl, NodeId, PipelineId, RoomName, SessionId } from '@manycast/protocol';
import type { Suspicion } from './sightings.js';

/** What may be wrong between Redis, the nodes and the media servers, each with what it takes to put it right. */
export type Repair = Suspicion &
  (
    | { kind: 'orphan-endpoint'; server: MediaServerUrl; endpoint: EndpointId }
    | { kind: 'orphan-pipeline'; server: MediaServerUrl; pipeline: PipelineId }
    /** A session's endpoint is gone from the media server. */
    | {
        kind: 'lost-media';
        room: RoomName;
        session: SessionId;
        node: NodeId;
        epoch: number;
        generation: number;
      }
    /** A detached session, whose end may not be scheduled. `isOverdue`: it was not, or the job is lost. */
    | { kind: 'expiry'; expiry: Expiry; delayMs: number; isOverdue: boolean }
    /** A session attached to a node that nobody knows. */
    | { kind: 'lost-node'; room: RoomName; node: NodeId }
    | { kind: 'abandoned-room'; room: RoomName; generation: number }
    | { kind: 'stale-reservation'; room: RoomName; generation: number }
    | { kind: 'unkept-reservation'; room: RoomName; generation: number }
    | {
        kind: 'missing-reservation';
        room: RoomName;
        generation: number;
        server: MediaServerUrl;
        slots: number;
      }
  );

/** How long suspicions must last. */
export interface Patience {
  /** For what would be released or ended. */
  orphanMs: number;
  /** For what would only be said or noted: to be seen twice is enough. */
  againMs: number;
}
