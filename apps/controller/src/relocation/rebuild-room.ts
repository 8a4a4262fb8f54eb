import { firstSlots, giveBack, type Relocation, type Reservation, type RoomView } from '@manycast/core';
import type { Progress, Relocating } from './relocating.js';
import { stopPages, tellPresenter } from './tell-session.js';

const lookMs = 300;
/** A presenter that has not begun to build anew by then may not have heard of it. */
const tellAgainMs = 4_000;
/** A place is kept for longer than the presenter has to take it. */
const spareMs = 60_000;

/**
 * A room whose media server is lost is given another place, and its presenter is told to build its media anew; its
 * viewers keep their sessions, and hear of it when its media is there (R-KMS-2). Every step may be done twice, by this
 * controller or another: the store fences, and the pool answers the same. A presenter that does not come back in time
 * ends the room.
 */
export async function rebuildRoom(work: Relocating, job: Relocation): Promise<Progress> {
  const { rooms, pool, inbox, undo, media, reach, log, metrics, presenterGraceMs, now } = work;
  const { room, progress } = job;
  const held = await pool.reservation(room);
  if (!held) return 'done';
  const generation = lostGenerationOf(held);
  if (generation === null) return await finished(work, job, held);

  const lost = await rooms.lose({ room, generation, graceMs: presenterGraceMs });
  await reach('relocation:lost');
  if (lost.status !== 'lost') {
    // Ended, or built anew by somebody who then lost what the pool knew of it: the reconcile loop puts that back.
    await pool.release({ room, generation });
    return 'done';
  }
  const former = lost.media;
  // Should that server come back, nothing of ours is to be left there.
  if (former) undo.run('release pipeline', () => media.releasePipeline(former));
  const view = await rooms.read(room);
  const slots = Math.max(firstSlots, view.sessions.size);
  const place = await pool.relocate({ room, generation, slots, holdMs: presenterGraceMs + spareMs });
  await reach('relocation:placed');
  if (place.status === 'superseded') return { againInMs: lookMs };
  if (place.status === 'planned' && progress?.movedAtMs === undefined) {
    metrics.failovers.inc({ cause: 'lost', outcome: 'placed' });
    log.info({ room, from: held.server, to: place.server, slots: place.slots }, 'room has another place');
  }

  const isDue = progress?.toldAtMs === undefined || now() - progress.toldAtMs >= tellAgainMs;
  // Who offers before there is room is only refused.
  if (place.status === 'planned' && isDue && view.generation === lost.generation) {
    await tellPresenter(inbox, room, view, { type: 'media-lost', generation });
    if (progress?.toldAtMs === undefined) await stopPages(inbox, room, view, generation);
    await reach('relocation:told');
    const told = { ...job, progress: { toldAtMs: now(), movedAtMs: now() } };
    return { againInMs: lookMs, data: told };
  }
  return (await isOverdue(work, job, view)) ? 'done' : { againInMs: lookMs };
}

/** The generation whose place is lost; null when there is none. */
function lostGenerationOf({ generation, isAlive, isPlanned, former }: Reservation): number | null {
  if (!isPlanned) return isAlive ? null : generation;
  // What was planned has not been taken: its presenter is still to be waited for, unless what it left plays on.
  if (!former) return generation - 1;
  return former.isAlive ? null : former.generation;
}

async function finished(work: Relocating, job: Relocation, held: Reservation): Promise<Progress> {
  const { pool, rooms, inbox, metrics, log, now } = work;
  const { room, progress } = job;
  if (held.former && !held.former.isAlive) await pool.release({ room, generation: held.former.generation });
  const { state, generation } = await rooms.summary(room);
  if (state === 'ended') return 'done';
  if (state === 'starting') {
    // Its presenter is building it, or has failed to.
    const view = await rooms.read(room);
    if (await isOverdue(work, job, view)) return 'done';
    if (now() - (progress?.toldAtMs ?? now()) < 2 * tellAgainMs) return { againInMs: lookMs };
    await tellPresenter(inbox, room, view, { type: 'media-lost', generation: generation - 1 });
    return { againInMs: lookMs, data: { ...job, progress: { ...progress, toldAtMs: now() } } };
  }
  // Who has not told its presenter has found a room that was rebuilt already.
  if (progress?.toldAtMs === undefined) return 'done';
  metrics.failovers.inc({ cause: 'lost', outcome: 'rebuilt' });
  log.info({ room, server: held.server, generation }, 'room rebuilt');
  return 'done';
}

async function isOverdue(work: Relocating, { room }: Relocation, view: RoomView): Promise<boolean> {
  const { rooms, metrics, log } = work;
  const result = await rooms.endAbandoned({ room, generation: view.generation, isOverdue: true });
  giveBack(work, { room }, result);
  if (result.status !== 'ended') return false;
  metrics.failovers.inc({ cause: 'lost', outcome: 'ended' });
  log.warn({ room }, 'room ended: its presenter did not come back after the loss of its media server');
  return true;
}
