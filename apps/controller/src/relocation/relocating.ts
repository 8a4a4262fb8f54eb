import type {
  Failpoint,
  MediaEngine,
  NodeInbox,
  PoolStore,
  PresenceHerald,
  Relocation,
  RoomStore,
  Undo,
} from '@manycast/core';
import type { Logger } from '@manycast/runtime';
import type { ControllerMetrics } from '../controller-metrics.js';

/** What the moving of rooms works with. */
export interface Relocating {
  rooms: RoomStore;
  pool: PoolStore;
  media: Pick<MediaEngine, 'releaseEndpoint' | 'releasePipeline'>;
  inbox: NodeInbox;
  undo: Undo;
  presence: Pick<PresenceHerald, 'touch'>;
  /** How long a presenter whose media is lost has to build it anew, in ms. */
  presenterGraceMs: number;
  metrics: ControllerMetrics;
  reach: Failpoint;
  log: Logger;
  /** Unix ms. */
  now(): number;
}

/** What is to be done with a job next: nothing, or another look. */
export type Progress = 'done' | { againInMs: number; data?: Relocation };
