import type { RoomView } from '@manycast/core';
import { asEndpointId, asNodeId, asPipelineId, type EndpointId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { type Circumstances, roomRepairs, unownedEndpoints } from './room-repairs.js';
import { endedView, endpointOf, liveView, node, presenter, room, server, viewer } from './testing/views.js';

const patience = { orphanMs: 10_000, againMs: 1_000 };
const nowMs = 1_000_000;
const everybody = [endpointOf(presenter), endpointOf(viewer)];
const stray = asEndpointId('p1/stray');

const repairsOf = (
  view: RoomView,
  endpoints: EndpointId[] | null = everybody,
  as: Partial<Circumstances> = {},
) => {
  const unowned = endpoints ? unownedEndpoints(endpoints, view) : [];
  const circumstances: Circumstances = {
    nodes: { live: new Set([node]), expired: new Set() },
    grace: { presenterMs: 60_000, viewerMs: 30_000 },
    nowMs,
    isSettled: true,
    ...as,
  };
  return roomRepairs({ room, view, endpoints, unowned }, circumstances, patience);
};

describe('[R-OWN-6] a room and its pipeline', () => {
  it('that agree need nothing', () => {
    expect(repairsOf(liveView())).toEqual([]);
    expect(repairsOf(endedView, null)).toEqual([]);
  });

  it('an endpoint that no session has is released after a while; a joiner’s may be the next', () => {
    const view = liveView({}, { [viewer]: { media: null } });
    expect(repairsOf(view, [...everybody, stray])).toMatchObject([
      { kind: 'orphan-endpoint', server, endpoint: endpointOf(viewer), afterMs: 10_000 },
      { kind: 'orphan-endpoint', server, endpoint: stray, afterMs: 10_000 },
    ]);
  });

  it('a session whose endpoint is gone is told on its node', () => {
    expect(repairsOf(liveView(), [endpointOf(presenter)])).toMatchObject([
      { kind: 'lost-media', session: viewer, node, epoch: 1, afterMs: 1_000 },
    ]);
    const left = liveView({ media: { server, pipeline: asPipelineId('p2') } });
    expect(repairsOf(left, []).map(({ kind }) => kind)).toEqual(['lost-media', 'lost-media']);
  });

  it('a session that is gone from its socket, or whose room is built anew, is not', () => {
    const detached = liveView({}, { [viewer]: { detachedAtMs: nowMs } });
    expect(repairsOf(detached, [endpointOf(presenter)])).toMatchObject([{ kind: 'expiry' }]);
    expect(repairsOf(liveView({ state: 'starting', generation: 3 }), [])).toEqual([]);
  });

  it('a media server that cannot be asked proves nothing', () => {
    expect(repairsOf(liveView(), null)).toEqual([]);
  });
});

describe('[R-OWN-3] a detached session', () => {
  it('is scheduled for the rest of its grace', () => {
    const view = liveView({}, { [viewer]: { detachedAtMs: nowMs - 10_000, epoch: 4 } });
    const expiry = { room, session: viewer, epoch: 4 };
    expect(repairsOf(view)).toMatchObject([
      { kind: 'expiry', expiry, delayMs: 20_000, isOverdue: false, afterMs: 0 },
    ]);
  });

  it('is overdue when nothing came of it', () => {
    const view = liveView({}, { [presenter]: { detachedAtMs: nowMs - 71_000 } });
    expect(repairsOf(view)).toMatchObject([{ delayMs: 0, isOverdue: true }]);
  });

  it('[R-OWN-4] of a tutorial page is looked at from now on, however long that takes', () => {
    const view = liveView({}, { [viewer]: { detachedAtMs: nowMs - 900_000, speech: 'tutorial' } });
    expect(repairsOf(view)).toMatchObject([{ delayMs: 0, isOverdue: false }]);
  });
});

describe('nodes and presenters', () => {
  const nobody = { nodes: { live: new Set<never>(), expired: new Set<never>() } };

  it('sessions on a node that nobody knows are detached, those of a dead one are left to the reaper', () => {
    expect(repairsOf(liveView(), everybody, nobody)).toMatchObject([
      { kind: 'lost-node', room, node, afterMs: 10_000 },
    ]);
    const dead = { nodes: { live: new Set<never>(), expired: new Set([node]) } };
    expect(repairsOf(liveView(), everybody, dead)).toEqual([]);
    const detached = liveView({}, { [viewer]: { node: asNodeId('gone'), detachedAtMs: nowMs } });
    expect(repairsOf(detached)).toMatchObject([{ kind: 'expiry' }]);
  });

  it('a broadcast without a presenter is ended', () => {
    const view = liveView();
    view.sessions.delete(presenter);
    expect(repairsOf(view, [endpointOf(viewer)])).toMatchObject([
      { kind: 'abandoned-room', room, generation: 2, afterMs: 10_000 },
    ]);
    expect(repairsOf({ ...view, presenter: null }, [endpointOf(viewer)])).toHaveLength(1);
  });

  it('[R-REDIS-2] right after an outage only what takes nothing from anybody is done', () => {
    const view = liveView({}, { [viewer]: { detachedAtMs: nowMs } });
    view.sessions.delete(presenter);
    const repairs = repairsOf(view, [stray], { ...nobody, isSettled: false });
    expect(repairs.map(({ kind }) => kind)).toEqual(['expiry']);
  });
});
