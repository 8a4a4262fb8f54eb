import type { Relocation } from '@manycast/core';
import { moveRoom } from './move-room.js';
import { rebuildRoom } from './rebuild-room.js';
import type { Progress, Relocating } from './relocating.js';

/** One look at a room that is to go on elsewhere. Idempotent. Throws SignalError `unavailable`. */
export function relocateRoom(work: Relocating, job: Relocation): Promise<Progress> {
  return job.cause === 'lost' ? rebuildRoom(work, job) : moveRoom(work, job);
}
