import type { InboxMessage } from '@manycast/core';
import { newAttempt, sdpOffer } from '@manycast/core/contracts';
import { asNodeId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { memoryController, server } from './testing/memory-controller.js';

const repairs = 'manycast_reconcile_repairs_total';

describe('[R-OWN-6] a look of the reconcile loop', () => {
  it('changes nothing where everything is well, and guards what plays', async () => {
    const { cluster, inspector, look, broadcast, count } = await memoryController();
    const { room, presenter } = await broadcast();
    const before = await cluster.rooms.read(room);
    for (let i = 0; i < 3; i += 1) await look();
    expect(await cluster.rooms.read(room)).toEqual(before);
    expect(cluster.media.candidates.size).toBe(2);
    expect(await count(repairs)).toBe(0);
    expect([...inspector.guarded]).toEqual([presenter.media.pipeline]);
    expect(await count('manycast_nodes', { state: 'live' })).toBe(1);
  });

  it('releases an endpoint that nobody has, and no other', async () => {
    const { cluster, look, broadcast, count } = await memoryController();
    const { presenter, viewer } = await broadcast();
    const { endpoint } = await cluster.media.view({
      ...newAttempt(viewer.room),
      ...{ server, sdpOffer, onEvent: () => {} },
      ...{ generation: 1, pipeline: presenter.media.pipeline, source: presenter.media.endpoint },
    });
    await look();
    expect(cluster.media.candidates.has(endpoint)).toBe(false);
    expect(cluster.media.candidates.size).toBe(2);
    await look();
    expect(await count(repairs, { kind: 'orphan-endpoint' })).toBe(1);
  });

  it('gives an endpoint the time that a join takes', async () => {
    const { cluster, look, broadcast } = await memoryController({ orphanMs: 60_000 });
    const { presenter, viewer } = await broadcast();
    const order = { server, sdpOffer, onEvent: () => {}, generation: 1 };
    const { pipeline, endpoint: source } = presenter.media;
    await cluster.media.view({ ...newAttempt(viewer.room), ...order, pipeline, source });
    for (let i = 0; i < 3; i += 1) await look();
    expect(cluster.media.candidates.size).toBe(3);
  });

  it('releases a pipeline that no room needs, also one made before it started', async () => {
    const { cluster, look, count } = await memoryController();
    const order = { server, sdpOffer, onEvent: () => {}, generation: 1 };
    await cluster.media.publish({ ...newAttempt(), ...order });
    await look();
    expect(cluster.media.pipelines.size).toBe(0);
    await cluster.media.publish({ ...newAttempt(), ...order });
    await expect.poll(() => look().then(() => cluster.media.pipelines.size)).toBe(0);
    expect(await count(repairs, { kind: 'orphan-pipeline' })).toBe(2);
  });

  it('leaves a pipeline alone that is being made', async () => {
    const { cluster, look } = await memoryController();
    const attempt = newAttempt();
    const claim = await cluster.rooms.claim(attempt);
    if (claim.status !== 'claimed') throw new Error('unreachable');
    const { generation } = claim;
    await cluster.pool.reserve({ room: attempt.room, generation, slots: 4 });
    await cluster.media.publish({ ...attempt, server, sdpOffer, onEvent: () => {}, generation });
    for (let i = 0; i < 3; i += 1) await look();
    expect(cluster.media.pipelines.size).toBe(1);
    expect(await cluster.pool.reservations()).toHaveLength(1);
  });

  it('gives back the promise of a room that ended', async () => {
    const { cluster, look, broadcast } = await memoryController();
    const { presenter } = await broadcast();
    await cluster.rooms.leave(presenter);
    await look();
    expect(await cluster.pool.reservations()).toEqual([]);
    expect(cluster.media.pipelines.size).toBe(0);
  });

  it('tells a session whose endpoint is gone, on the node where it is', async () => {
    const { cluster, look, broadcast } = await memoryController();
    const { room, viewer } = await broadcast();
    const heard: InboxMessage[] = [];
    await cluster.inbox.open(cluster.node, message => heard.push(message));
    await cluster.media.releaseEndpoint(viewer.media);
    await look();
    await expect
      .poll(() => heard)
      .toMatchObject([{ type: 'media-lost', room, session: viewer.session, epoch: 1 }]);
  });

  it('[R-OWN-3] schedules the end of a session whose process died before it did', async () => {
    const { cluster, look, broadcast } = await memoryController();
    const { room, viewer } = await broadcast();
    await cluster.rooms.detach(viewer);
    for (let i = 0; i < 3; i += 1) await look();
    expect(cluster.scheduled).toEqual([{ room, session: viewer.session, epoch: 1, delayMs: 0 }]);
  });

  it('detaches a session that a forgotten node wrote late', async () => {
    const { cluster, look, broadcast } = await memoryController();
    const { room, viewer } = await broadcast();
    const node = asNodeId('forgotten');
    await cluster.rooms.attach({ room, session: viewer.session, node, tokenEpoch: 1, seq: 0 });
    await look();
    expect(cluster.scheduled).toEqual([{ room, session: viewer.session, epoch: 2, delayMs: 0 }]);
    expect(await cluster.rooms.session(room, viewer.session)).toMatchObject({ epoch: 2, node });
  });

  it('a media server that is away changes nothing for its rooms', async () => {
    const { cluster, inspector, look, broadcast, count } = await memoryController();
    const { room } = await broadcast();
    await look();
    inspector.isAway = true;
    for (let i = 0; i < 3; i += 1) await look();
    expect((await cluster.rooms.read(room)).sessions.size).toBe(2);
    expect(await count(repairs)).toBe(0);
  });
});

describe('[R-REDIS-2] a Redis that came back empty', () => {
  async function emptied() {
    const controller = await memoryController();
    const { cluster, birth, broadcast } = controller;
    const live = await broadcast();
    const before = await cluster.rooms.read(live.room);
    await controller.look();
    // Numbers begin at the time, so those of a later filling are greater: later is a millisecond at least.
    while (Date.now() <= before.seq) await new Promise(resolve => setTimeout(resolve, 1));
    cluster.rooms.clear();
    cluster.pool.clear();
    birth.name = 'second';
    return { ...controller, ...live, before };
  }

  it('is rebuilt from the media servers’ tags, and nothing is released', async () => {
    const { cluster, look, room, before, presenter, viewer } = await emptied();
    for (let i = 0; i < 3; i += 1) await look();
    expect(cluster.media.candidates.size).toBe(2);
    const { sessions, ...view } = await cluster.rooms.read(room);
    const { sessions: formerly, seq, ...former } = before;
    expect(view).toMatchObject(former);
    expect(view.seq).toBeGreaterThanOrEqual(seq);
    for (const [id, { role, speech, media }] of formerly)
      expect(sessions.get(id)).toMatchObject({ role, speech, media, epoch: 0 });
    expect(await cluster.pool.reservations()).toMatchObject([
      { room, generation: former.generation, server, isKept: true },
    ]);
    const scheduled = cluster.scheduled.map(({ session, epoch }) => ({ session, epoch }));
    expect(scheduled).toContainEqual({ session: viewer.session, epoch: 0 });
    expect(scheduled).toContainEqual({ session: presenter.session, epoch: 0 });
    expect(scheduled).toHaveLength(2);
  });

  it('a broadcast that is being made just then goes live all the same', async () => {
    const { cluster, birth, look } = await memoryController();
    birth.ageMs = -1;
    const attempt = newAttempt();
    const claim = await cluster.rooms.claim(attempt);
    if (claim.status !== 'claimed') throw new Error('unreachable');
    const { generation } = claim;
    const made = await cluster.media.publish({ ...attempt, server, sdpOffer, onEvent: () => {}, generation });
    await look();
    expect(await cluster.rooms.goLive({ ...attempt, ...made, server, generation, slots: 4 })).toMatchObject({
      status: 'live',
    });
  });

  it('what a node puts back itself stands, whoever is first', async () => {
    const { cluster, look, room, before, viewer } = await emptied();
    const record = before.sessions.get(viewer.session);
    if (!record) throw new Error('unreachable');
    const own = { room, session: viewer.session, record, source: null, seq: before.seq, slots: 4 };
    await cluster.rooms.restore(own);
    await look();
    expect(await cluster.rooms.session(room, viewer.session)).toEqual(record);
    const presenter = { ...own, session: before.presenter as typeof viewer.session };
    const mine = before.sessions.get(presenter.session);
    if (!mine) throw new Error('unreachable');
    await cluster.rooms.restore({ ...presenter, record: mine });
    expect(await cluster.rooms.session(room, presenter.session)).toEqual(mine);
  });

  it('a media server that is away then is looked at later, and nothing on it counts as orphaned until then', async () => {
    const { cluster, inspector, look, room } = await emptied();
    inspector.isAway = true;
    await look();
    await look();
    inspector.isAway = false;
    await look();
    expect(cluster.media.candidates.size).toBe(2);
    expect((await cluster.rooms.read(room)).sessions.size).toBe(2);
  });

  it('a room whose presenter is not put back is ended', async () => {
    const { cluster, look, room, presenter } = await emptied();
    await cluster.media.releaseEndpoint(presenter.media);
    for (let i = 0; i < 2; i += 1) await look();
    await cluster.undo.settled();
    expect(await cluster.rooms.summary(room)).toMatchObject({ state: 'ended' });
    expect(cluster.media.pipelines.size).toBe(0);
  });
});
