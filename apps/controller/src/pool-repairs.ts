import type { Reservation, RoomView } from '@manycast/core';
import type { RoomName } from '@manycast/protocol';
import type { FoundPipeline } from './pipeline-census.js';
import type { Patience, Repair } from './repair.js';

/** Whether a room still plays, or builds, something in this pipeline. */
export function isNeeded({ pipeline, generation }: FoundPipeline, view: RoomView): boolean {
  if (view.media?.pipeline === pipeline || view.former?.pipeline === pipeline) return true;
  if (view.state === 'starting' && view.generation === generation) return true;
  // A viewer that has not moved to the newer broadcast yet.
  return [...view.sessions.values()].some(({ media }) => media?.pipeline === pipeline);
}

/** Pipelines of ours that no room needs. `views`: read after the pipelines were found. */
export function pipelineRepairs(
  pipelines: FoundPipeline[],
  views: ReadonlyMap<RoomName, RoomView>,
  { orphanMs }: Patience,
): Repair[] {
  return pipelines.flatMap((found): Repair[] => {
    const view = views.get(found.room);
    if (!view || isNeeded(found, view)) return [];
    const { server, pipeline } = found;
    const key = `pipeline ${server} ${pipeline}`;
    return [{ kind: 'orphan-pipeline', key, afterMs: orphanMs, server, pipeline }];
  });
}

/** Promises of the pool without their broadcast, and broadcasts without their promise. `views`: read after the promises. */
export function reservationRepairs(
  reservations: Reservation[],
  views: ReadonlyMap<RoomName, RoomView>,
  { orphanMs, againMs }: Patience,
): Repair[] {
  const promised = new Map(reservations.map(reservation => [reservation.room, reservation]));
  return [...views].flatMap(([room, view]): Repair[] => {
    const held = promised.get(room);
    if (!held) {
      if (view.state !== 'live' || !view.media) return [];
      const { generation, slots } = view;
      const key = `unpromised ${room} ${generation}`;
      const { server } = view.media;
      return [{ kind: 'missing-reservation', key, afterMs: againMs, room, generation, server, slots }];
    }
    const { generation, isKept, former } = held;
    // While a room's media is built anew the promise of the generation before stands for what still plays.
    const isStale = view.state === 'ended' || (view.state === 'live' && view.generation > generation);
    if (isStale) {
      const key = `stale ${room} ${generation}`;
      return [{ kind: 'stale-reservation', key, afterMs: orphanMs, room, generation }];
    }
    if (former && isKept && view.state === 'live' && !view.former) {
      const key = `stale ${room} ${former.generation}`;
      return [{ kind: 'stale-reservation', key, afterMs: orphanMs, room, generation: former.generation }];
    }
    if (isKept || view.state !== 'live') return [];
    const key = `unkept ${room} ${generation}`;
    return [{ kind: 'unkept-reservation', key, afterMs: againMs, room, generation }];
  });
}
