import { describe, expect, it } from 'vitest';
import { memoryController } from './testing/memory-controller.js';

describe('[R-OWN-3] a session that does not come back', () => {
  it('is ended once, and what it had is released', async () => {
    const { cluster, expire, broadcast, count } = await memoryController();
    const { presenter, viewer } = await broadcast();
    await cluster.rooms.detach(viewer);
    const outcomes = await Promise.all([expire(viewer), expire(viewer)]);
    await cluster.undo.settled();
    expect(outcomes).toEqual(['done', 'done']);
    expect(await count('manycast_expiries_total', { outcome: 'left' })).toBe(1);
    expect(await count('manycast_expiries_total', { outcome: 'unknown' })).toBe(1);
    const left = cluster.media.pipelines.get(presenter.media.pipeline);
    expect([...(left ?? [])]).toEqual([presenter.media.endpoint]);
  });

  it('of the presenter ends the room, with pipeline and promise', async () => {
    const { cluster, expire, broadcast } = await memoryController();
    const { room, presenter } = await broadcast();
    await cluster.rooms.detach(presenter);
    expect(await expire(presenter)).toBe('done');
    await cluster.undo.settled();
    expect(await cluster.rooms.summary(room)).toMatchObject({ state: 'ended' });
    expect(cluster.media.pipelines.size).toBe(0);
    expect(await cluster.pool.reservations()).toEqual([]);
  });

  it('is left alone when it came back, and after an outage until clients can have', async () => {
    const { cluster, calm, expire, broadcast } = await memoryController();
    const { viewer } = await broadcast();
    expect(await expire(viewer)).toBe('done');
    await cluster.rooms.detach(viewer);
    calm.disturb(60_000);
    expect(await expire(viewer)).toMatchObject({ againInMs: expect.any(Number) });
    expect(await cluster.rooms.session(viewer.room, viewer.session)).not.toBeNull();
  });
});

describe('[R-OWN-4] a tutorial page whose node died', () => {
  async function detachedPage() {
    const controller = await memoryController();
    const { viewer } = await controller.broadcast({ speech: 'tutorial' });
    await controller.cluster.media.gatherCandidates(viewer.media);
    await controller.cluster.rooms.detach(viewer);
    const isThere = async () =>
      (await controller.cluster.rooms.session(viewer.room, viewer.session)) !== null;
    return { ...controller, viewer, isThere };
  }

  it('stays while its endpoint is connected, and ends with that', async () => {
    const { cluster, expire, viewer, isThere } = await detachedPage();
    for (let look = 0; look < 3; look += 1)
      expect(await expire(viewer)).toMatchObject({ againInMs: expect.any(Number) });
    expect(await isThere()).toBe(true);
    cluster.media.gathering.delete(viewer.media.endpoint);
    expect(await expire(viewer)).toBe('done');
    expect(await isThere()).toBe(false);
  });

  it('stays while it is heard, and ends when it is not any more, although its endpoint is said to be connected', async () => {
    const { inspector, expire, viewer, isThere } = await detachedPage();
    const { room, session, epoch } = viewer;
    inspector.silent.add(viewer.media.endpoint);
    expect(await expire(viewer)).toEqual({ againInMs: expect.any(Number) });
    inspector.silent.delete(viewer.media.endpoint);
    const heard = { room, session, epoch, wasHeard: true };
    expect(await expire(viewer)).toEqual({ againInMs: expect.any(Number), data: heard });
    expect(await expire(heard)).toEqual({ againInMs: expect.any(Number), data: heard });
    inspector.silent.add(viewer.media.endpoint);
    expect(await isThere()).toBe(true);
    expect(await expire(heard)).toBe('done');
    expect(await isThere()).toBe(false);
  });

  it('stays while the media server cannot be asked, and ends when the endpoint is gone', async () => {
    const { cluster, inspector, expire, viewer, isThere } = await detachedPage();
    inspector.isAway = true;
    expect(await expire(viewer)).toMatchObject({ againInMs: expect.any(Number) });
    expect(await isThere()).toBe(true);
    inspector.isAway = false;
    await cluster.media.releaseEndpoint(viewer.media);
    expect(await expire(viewer)).toBe('done');
    expect(await isThere()).toBe(false);
  });
});
