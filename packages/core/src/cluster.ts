import type { NodeId } from '@manycast/protocol';
import type { Authorizer } from './authorizer.js';
import type { Labels } from './domain/media-server.js';
import type { GracePeriods } from './domain/session.js';
import type { Failpoint } from './failpoint.js';
import type { SwitchoverTimes } from './handlers/switchover.js';
import type { ChatStore } from './ports/chat-store.js';
import type { ExpiryQueue } from './ports/expiry-queue.js';
import type { MediaEngine } from './ports/media-engine.js';
import type { PoolStore } from './ports/pool-store.js';
import type { RoomFeed } from './ports/room-feed.js';
import type { RoomStore } from './ports/room-store.js';
import type { SessionJournal } from './ports/session-journal.js';
import type { PresenceHerald } from './presence-herald.js';
import type { ServedRooms } from './served-rooms.js';
import type { Undo } from './undo.js';

/** How often the store has lost its data, as far as this process has noticed (R-REDIS-2). */
export interface StoreLosses {
  readonly count: number;
  /** What the store does not know may be put back yet. */
  readonly isRecent: boolean;
}

/** What a handler works with: the ports, and who is asking. */
export interface Cluster {
  node: NodeId;
  authorizer: Authorizer;
  rooms: RoomStore;
  chat: ChatStore;
  feed: RoomFeed;
  presence: Pick<PresenceHerald, 'touch'>;
  pool: PoolStore;
  served: ServedRooms;
  media: MediaEngine;
  expiries: ExpiryQueue;
  undo: Undo;
  journal: SessionJournal;
  losses: StoreLosses;
  /** How long a viewer waits for a presenter that is just starting (R-ROOM-3). */
  presenterWaitMs: number;
  /** Which media servers this node's broadcasts must, or should, be on. */
  placement: { require?: Labels; prefer?: Labels };
  /** What a client is told to wait before it tries again when the pool is full. */
  poolFullRetryMs: number;
  /** Some media server is well, as far as this process knows: the pool can be full. */
  isPoolUp(): boolean;
  grace: GracePeriods;
  /** How long a viewer that follows its room to another server keeps what it had. */
  switchover: SwitchoverTimes;
  /** Called at every named step; a test may stop, fail or kill the process there. Does nothing otherwise. */
  reach: Failpoint;
}
