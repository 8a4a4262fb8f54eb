import type { NodeId } from '@manycast/protocol';
import type { MediaEngine } from './ports/media-engine.js';
import type { PoolStore } from './ports/pool-store.js';
import type { RoomEvents } from './ports/room-events.js';
import type { RoomStore } from './ports/room-store.js';
import type { Undo } from './undo.js';

/** What a handler works with: the ports, and who is asking. */
export interface Cluster {
  node: NodeId;
  rooms: RoomStore;
  pool: PoolStore;
  events: RoomEvents;
  media: MediaEngine;
  undo: Undo;
  /** How long a viewer waits for a presenter that is just starting (R-ROOM-3). */
  presenterWaitMs: number;
  /** What a client is told to wait before it tries again when the pool is full. */
  poolFullRetryMs: number;
}
