import { firstSlots, giveBack, type Relocation, type RoomView } from '@manycast/core';
import type { Progress, Relocating } from './relocating.js';
import { tellPresenter } from './tell-session.js';

const lookMs = 200;
/** A presenter that has not built anew by then may not have heard of it, or have failed. */
const tellAgainMs = 8_000;
/** Viewers that have not followed by then are not waited for: they are told that their media is lost. */
const followMs = 10_000;
/** From the answer to a viewer's offer to its first picture. */
const pictureMs = 5_000;
/** How long a place is kept for a presenter that is to move. */
const holdMs = 60_000;
/** What could move and did not is ended this long after the deadline. */
const lastMs = 10_000;

/**
 * Moves a live room to another server: a place is reserved beside the one it has, its presenter is told to build anew,
 * what there is plays on until the new is live and the viewers have followed, and is released then. Tutorial pages
 * cannot follow: where there are any the room stays until the deadline (R-KMS-4). Every step may be done twice.
 */
export async function moveRoom(work: Relocating, job: Relocation): Promise<Progress> {
  const { rooms, pool, inbox, reach, now, metrics, log } = work;
  const { room, from, to, deadlineMs, progress } = job;
  const view = await rooms.read(room);
  if (view.state === 'ended') return 'done';
  if (view.former?.server === from) return follow(work, job, view);
  if (view.media?.server !== from) return view.state === 'starting' ? { againInMs: lookMs } : 'done';
  // Its media is lost, or is being built anew by its presenter: what comes of that is looked at again.
  if (view.state === 'starting') return { againInMs: lookMs };

  const isOver = deadlineMs === undefined || now() >= deadlineMs;
  const presenter = view.presenter === null ? undefined : view.sessions.get(view.presenter);
  const isTutorials = presenter?.speech === 'tutorial';
  const isStuck = deadlineMs !== undefined && now() >= deadlineMs + lastMs;
  if (isStuck || (isOver && isTutorials)) return endRoom(work, job, view);
  const hasPages = [...view.sessions.values()].some(({ speech }) => speech === 'tutorial');
  if (!isOver && hasPages) return { againInMs: Math.min(1_000, deadlineMs - now()) };

  const { generation, sessions } = view;
  const slots = Math.max(firstSlots, sessions.size);
  const place = await pool.relocate({ room, generation, slots, holdMs, ...(to && { to }) });
  await reach('relocation:placed');
  if (place.status === 'pool-full') {
    if (job.cause !== 'order') return { againInMs: 1_000 };
    metrics.failovers.inc({ cause: job.cause, outcome: 'pool-full' });
    log.warn({ room, from, to }, 'room not moved: no server has room for it');
    return 'done';
  }
  if (place.status === 'superseded') return { againInMs: lookMs };
  if ((await rooms.move({ room, generation })) !== 'moving') return { againInMs: lookMs };
  if (progress?.toldAtMs !== undefined && now() - progress.toldAtMs < tellAgainMs)
    return { againInMs: lookMs };
  if (progress?.toldAtMs === undefined) {
    metrics.failovers.inc({ cause: job.cause, outcome: 'placed' });
    log.info({ room, from, to: place.server, slots: place.slots }, 'room is to move');
  }
  // Greater each time, so that a presenter whose first attempt failed makes another.
  await tellPresenter(inbox, room, view, { type: 'media-moved', generation: now() });
  await reach('relocation:told');
  return { againInMs: lookMs, data: { ...job, progress: { toldAtMs: now() } } };
}

/** The new is live: the old goes when everybody who can has followed. */
async function follow(work: Relocating, job: Relocation, view: RoomView): Promise<Progress> {
  const { rooms, pool, media, undo, reach, now, metrics, log } = work;
  const { room, progress } = job;
  const { former, generation } = view;
  if (!former) return 'done';
  const movedAtMs = progress?.movedAtMs ?? now();
  const isLate = now() - movedAtMs >= followMs;
  const behind = [...view.sessions.values()].filter(
    ({ media: own, detachedAtMs }) => own && detachedAtMs === null && own.generation < generation,
  );
  if (behind.length > 0 && !isLate) {
    const isNoted = progress?.movedAtMs !== undefined;
    return { againInMs: lookMs, ...(!isNoted && { data: { ...job, progress: { ...progress, movedAtMs } } }) };
  }
  // Each of them has been answered; until its first picture it watches what it had.
  if (!isLate && view.sessions.size > 1 && progress?.followedAtMs === undefined) {
    const noted = { ...progress, movedAtMs, followedAtMs: now() };
    return { againInMs: pictureMs, data: { ...job, progress: noted } };
  }
  // Given back first and forgotten last: whoever dies in between leaves it to be given back again.
  await undo.run('release pipeline', () => media.releasePipeline(former));
  await pool.release({ room, generation: former.generation });
  await reach('relocation:left');
  await rooms.leaveFormer({ room, generation: former.generation });
  metrics.failovers.inc({ cause: job.cause, outcome: 'moved' });
  log.info({ room, from: former.server, to: view.media?.server, behind: behind.length }, 'room moved');
  return 'done';
}

/** It cannot move, and its time is over: its viewers get `stopCommunication`. */
async function endRoom(work: Relocating, { room, cause }: Relocation, view: RoomView): Promise<Progress> {
  const { rooms, inbox, metrics, log } = work;
  const presenter = view.presenter === null ? undefined : view.sessions.get(view.presenter);
  if (view.presenter === null || !presenter) return { againInMs: lookMs };
  const { node, epoch } = presenter;
  const result = await rooms.leave({ room, session: view.presenter, node, epoch });
  if (result.status !== 'ended') return { againInMs: lookMs };
  giveBack(work, { room }, result);
  await tellPresenter(inbox, room, view, { type: 'media-lost' });
  metrics.failovers.inc({ cause, outcome: 'ended' });
  log.warn({ room }, 'room ended: it could not be moved before the deadline');
  return 'done';
}
