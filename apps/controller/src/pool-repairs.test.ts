import type { Reservation, RoomView } from '@manycast/core';
import { asPipelineId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { pipelineRepairs, reservationRepairs } from './pool-repairs.js';
import { endedView, liveView, pipeline, room, server, viewer } from './testing/views.js';

const patience = { orphanMs: 10_000, againMs: 1_000 };
const views = (view: RoomView) => new Map([[room, view]]);

describe('[R-OWN-6] pipelines of a room', () => {
  const other = asPipelineId('p2');
  const kinds = (view: RoomView, generation = 2, id = other) =>
    pipelineRepairs([{ server, pipeline: id, room, generation }], views(view), patience).map(
      ({ kind, afterMs }) => ({ kind, afterMs }),
    );
  const orphan = [{ kind: 'orphan-pipeline', afterMs: 10_000 }];

  it('stay while they play', () => {
    expect(kinds(liveView(), 2, pipeline)).toEqual([]);
    expect(kinds(liveView({ state: 'starting', generation: 3 }), 2, pipeline)).toEqual([]);
  });

  it('stay while they are built, and only those of that generation', () => {
    const starting = liveView({ state: 'starting', generation: 3 });
    expect(kinds(starting, 3)).toEqual([]);
    expect(kinds(starting, 2)).toEqual(orphan);
  });

  it('stay while a viewer has not moved to the next', () => {
    const media = { generation: 1, server, pipeline: other, endpoint: 'p2/e' as never };
    expect(kinds(liveView({}, { [viewer]: { media } }), 1)).toEqual([]);
  });

  it('go when the room ended, is on another one, or was never heard of', () => {
    expect(kinds(endedView)).toEqual(orphan);
    expect(kinds(liveView(), 1)).toEqual(orphan);
    expect(kinds(liveView(), 3)).toEqual(orphan);
    expect(kinds({ ...endedView, generation: 0 })).toEqual(orphan);
  });
});

describe('promises of the pool', () => {
  const held: Reservation = {
    ...{ room, generation: 2, server, slots: 4 },
    ...{ isKept: true, isAlive: true, isPlanned: false, former: null },
  };
  const repairs = (reservations: Reservation[], view: RoomView) =>
    reservationRepairs(reservations, views(view), patience);

  it('of a live or starting room stay', () => {
    expect(repairs([held], liveView())).toEqual([]);
    expect(repairs([{ ...held, isKept: false }], liveView({ state: 'starting', media: null }))).toEqual([]);
  });

  it('of the generation before stay while the next is built, because the former still plays', () => {
    expect(repairs([held], liveView({ state: 'starting', generation: 3 }))).toEqual([]);
  });

  it('of an ended room, or an older generation, are given back', () => {
    const stale = [{ kind: 'stale-reservation', room, generation: 2, afterMs: 10_000 }];
    expect(repairs([held], endedView)).toMatchObject(stale);
    expect(repairs([held], liveView({ generation: 3 }))).toMatchObject(stale);
    expect(repairs([held], { ...endedView, generation: 0 })).toMatchObject(stale);
  });

  it('that would expire under a live room are kept, and missing ones put back', () => {
    expect(repairs([{ ...held, isKept: false }], liveView())).toMatchObject([
      { kind: 'unkept-reservation', room, generation: 2, afterMs: 1_000 },
    ]);
    expect(repairs([], liveView({ slots: 9 }))).toMatchObject([
      { kind: 'missing-reservation', room, generation: 2, server, slots: 9, afterMs: 1_000 },
    ]);
    expect(repairs([], endedView)).toEqual([]);
  });
});
