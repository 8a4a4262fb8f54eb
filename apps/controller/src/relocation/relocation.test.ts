import {
  type Attempt,
  type InboxMessage,
  presenter,
  type Relocation,
  type Step,
  viewer,
} from '@manycast/core';
import { bringUp, newAttempt, restart, sdpOffer } from '@manycast/core/contracts';
import { asMediaServerUrl } from '@manycast/protocol';
import { createLogger, createRegistry } from '@manycast/runtime';
import { describe, expect, it } from 'vitest';
import { ControllerMetrics } from '../controller-metrics.js';
import { memoryController, server } from '../testing/memory-controller.js';
import { relocateRoom } from './relocate-room.js';
import type { Relocating } from './relocating.js';
import { RelocationLook } from './relocation-look.js';

const spare = asMediaServerUrl('ws://media-2/kurento');

/** A room of one presenter and one viewer, whose media server can be lost or drained, and jobs done by hand. */
async function staged({ speech = 'manycast.v1', spareCapacity = 100, graceMs = 60_000 } = {}) {
  const { cluster, broadcast } = await memoryController();
  const { rooms, pool, servers, media, inbox, undo, node } = cluster;
  const told: InboxMessage[] = [];
  await inbox.open(node, message => told.push(message));
  const first = await broadcast({ speech: speech as Attempt['speech'] });
  if (spareCapacity > 0) await bringUp(servers, [{ url: spare, capacity: spareCapacity }]);
  const { room } = first;
  const clock = { nowMs: Date.now() };
  let failing: Step | undefined;
  const metrics = new ControllerMetrics(createRegistry());
  const work: Relocating = {
    ...{ rooms, pool, media, inbox, undo, presence: cluster.presence, metrics, presenterGraceMs: graceMs },
    reach: async step => {
      if (step === failing) throw new Error(`killed at ${step}`);
    },
    log: createLogger({ name: 'test', level: 'silent' }),
    now: () => clock.nowMs,
  };
  const jobs = new Map<string, Relocation>();
  const look = new RelocationLook({
    ...{ pool, servers, log: work.log, known: () => known },
    queue: {
      schedule: async job => {
        const id = `${job.room}/${job.cause}`;
        if (!jobs.has(id)) jobs.set(id, job);
      },
    },
  });
  let known = await pool.read();
  const turn = async () => {
    known = await pool.read();
    await look.look();
    for (const [id, job] of jobs) {
      const outcome = await relocateRoom(work, job);
      if (outcome === 'done') jobs.delete(id);
      else if (outcome.data) jobs.set(id, outcome.data);
    }
    await Promise.resolve();
  };
  const rejoin = async (role: typeof presenter | typeof viewer, by: Attempt) => {
    const outcome = await role(cluster, newAttempt(room, { ...by, epoch: 1 }), sdpOffer);
    if (outcome.type !== 'accepted') throw outcome.error;
    await cluster.undo.settled();
    return outcome.media;
  };
  return {
    ...{ cluster, first, room, told, turn, clock, jobs, rejoin },
    types: () => told.map(({ type }) => type),
    failAt: (step: Step | undefined) => {
      failing = step;
    },
    reserved: async () => Object.fromEntries((await pool.read()).map(({ url, reserved }) => [url, reserved])),
  };
}

describe('a room whose media server is lost', () => {
  it('[R-KMS-2] is given another place, its presenter told at once, and its viewer when its media is there', async () => {
    const { cluster, first, room, told, turn, rejoin, jobs, reserved } = await staged();
    await restart(cluster.servers, server);
    await turn();
    expect(told).toMatchObject([{ type: 'media-lost', session: first.presenter.session }]);
    expect(await reserved()).toMatchObject({ [spare]: 4 });
    await turn();
    expect(told).toHaveLength(1);
    const media = await rejoin(presenter, first.presenter.attempt);
    expect(media.server).toBe(spare);
    expect(first.viewer.attempt.heard).toContain('presenter-live');
    expect((await rejoin(viewer, first.viewer.attempt)).generation).toBe(media.generation);
    await turn();
    expect(jobs.size).toBe(0);
    expect(await cluster.rooms.read(room)).toMatchObject({ state: 'live', media: { server: spare } });
    expect(await cluster.pool.lostRooms()).toEqual([]);
  });

  it.each(['relocation:lost', 'relocation:placed', 'relocation:told'] as const)(
    '[R-KMS-2] is rebuilt once also when the controller dies at %s',
    async step => {
      const { cluster, first, turn, rejoin, failAt, jobs, reserved } = await staged();
      await restart(cluster.servers, server);
      failAt(step);
      await expect(turn()).rejects.toThrow('killed');
      failAt(undefined);
      await turn();
      await rejoin(presenter, first.presenter.attempt);
      await turn();
      expect(jobs.size).toBe(0);
      expect(Object.values(await reserved()).reduce((sum, slots) => sum + slots, 0)).toBe(4);
    },
  );

  it('ends when its presenter does not come back in time', async () => {
    const { cluster, room, turn, jobs, reserved } = await staged({ graceMs: 0 });
    await restart(cluster.servers, server);
    await turn();
    await turn();
    expect((await cluster.rooms.read(room)).state).toBe('ended');
    await cluster.undo.settled();
    expect(await reserved()).toEqual({ [server]: 0, [spare]: 0 });
    await turn();
    expect(jobs.size).toBe(0);
  });

  it('waits for a place while the pool is full', async () => {
    const { cluster, first, told, turn, rejoin } = await staged({ spareCapacity: 0 });
    await cluster.servers.remove(server, 'admin');
    await turn();
    expect(told).toEqual([]);
    await bringUp(cluster.servers, [{ url: spare, capacity: 10 }]);
    await turn();
    expect(told).toMatchObject([{ type: 'media-lost' }]);
    expect((await rejoin(presenter, first.presenter.attempt)).server).toBe(spare);
  });

  it('tells tutorial pages that watch that it is over', async () => {
    const { cluster, first, told, turn } = await staged({ speech: 'tutorial' });
    await restart(cluster.servers, server);
    await turn();
    expect(told.map(({ session }) => session)).toEqual([first.presenter.session, first.viewer.session]);
  });
});

describe('a room on a server that is drained', () => {
  it('[R-KMS-4] plays on while it is built elsewhere, and lets go of what it left when all have followed', async () => {
    const { cluster, first, room, told, turn, rejoin, jobs, reserved } = await staged();
    await cluster.servers.drain(server, 60_000);
    await turn();
    expect(told).toMatchObject([{ type: 'media-moved', session: first.presenter.session }]);
    expect(await cluster.rooms.read(room)).toMatchObject({ state: 'live', media: { server } });
    expect(await reserved()).toEqual({ [server]: 4, [spare]: 4 });
    const moved = await rejoin(presenter, first.presenter.attempt);
    expect(moved.server).toBe(spare);
    await turn();
    // The viewer still watches the old.
    expect([...cluster.media.pipelines.keys()]).toHaveLength(2);
    await rejoin(viewer, first.viewer.attempt);
    await turn();
    await cluster.undo.settled();
    // It has been answered, and has no picture from there yet.
    expect([...cluster.media.pipelines.keys()]).toHaveLength(2);
    await turn();
    await cluster.undo.settled();
    expect([...cluster.media.pipelines.keys()]).toEqual([moved.pipeline]);
    expect(await reserved()).toEqual({ [server]: 0, [spare]: 4 });
    expect(jobs.size).toBe(0);
    expect((await cluster.pool.read()).find(({ url }) => url === server)).toMatchObject({ state: 'drained' });
  });

  it.each(['relocation:placed', 'relocation:told', 'relocation:left'] as const)(
    '[R-KMS-4] is moved once also when the controller dies at %s',
    async step => {
      const { cluster, first, turn, rejoin, failAt, jobs, reserved } = await staged();
      await cluster.servers.drain(server, 60_000);
      failAt(step);
      if (step !== 'relocation:left') await expect(turn()).rejects.toThrow('killed');
      failAt(step === 'relocation:left' ? step : undefined);
      await turn();
      await rejoin(presenter, first.presenter.attempt);
      await rejoin(viewer, first.viewer.attempt);
      if (step === 'relocation:left') {
        await turn();
        await expect(turn()).rejects.toThrow('killed');
      }
      failAt(undefined);
      await turn();
      await turn();
      await turn();
      expect(await reserved()).toEqual({ [server]: 0, [spare]: 4 });
      expect(jobs.size).toBe(0);
    },
  );

  it('[R-KMS-4] keeps tutorial pages until the deadline, and ends then', async () => {
    const { cluster, room, told, turn, clock } = await staged({ speech: 'tutorial' });
    await cluster.servers.drain(server, 60_000);
    await turn();
    clock.nowMs += 59_000;
    await turn();
    expect(told).toEqual([]);
    expect((await cluster.rooms.read(room)).state).toBe('live');
    clock.nowMs += 2_000;
    await turn();
    expect((await cluster.rooms.read(room)).state).toBe('ended');
  });

  it('does not wait for viewers for ever', async () => {
    const { cluster, first, turn, rejoin, clock, reserved } = await staged();
    await cluster.servers.drain(server, 60_000);
    await turn();
    await rejoin(presenter, first.presenter.attempt);
    await turn();
    expect((await reserved())[server]).toBe(4);
    clock.nowMs += 11_000;
    await turn();
    expect((await reserved())[server]).toBe(0);
  });

  it('leaves the pool when it was to, and stays out', async () => {
    const { cluster, first, turn, rejoin } = await staged();
    await cluster.servers.drain(server, 60_000, { isRemoval: true });
    await turn();
    await rejoin(presenter, first.presenter.attempt);
    await rejoin(viewer, first.viewer.attempt);
    await turn();
    await turn();
    await turn();
    await bringUp(cluster.servers, [{ url: server, capacity: 10 }]);
    expect((await cluster.pool.read()).map(({ url }) => url)).toEqual([spare]);
  });
});
