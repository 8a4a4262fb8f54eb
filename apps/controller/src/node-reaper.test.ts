import type { Step } from '@manycast/core';
import { asNodeId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { memoryController } from './testing/memory-controller.js';

const dead = asNodeId('node-dead');

async function afterADeath(reach?: (step: Step) => Promise<void>) {
  const controller = await memoryController(reach && { reach });
  const { cluster, broadcast } = controller;
  const { room, presenter, viewer } = await broadcast();
  const { epoch } = await attach();
  await cluster.registry.enter(dead, room);
  await cluster.registry.beat(dead, 0);
  return { ...controller, room, presenter, viewer, epoch };

  async function attach() {
    const order = { room, session: viewer.session, node: dead, tokenEpoch: 1, seq: 0 };
    const attached = await cluster.rooms.attach(order);
    if (attached.status !== 'attached') throw new Error('unreachable');
    return attached;
  }
}

describe('a node whose lease is over', () => {
  it('is seen twice before its sessions are detached; those of others are not', async () => {
    const { cluster, reaper, room, presenter, viewer, epoch } = await afterADeath();
    await reaper.look();
    expect(cluster.scheduled).toEqual([]);
    await reaper.look();
    expect(cluster.scheduled).toEqual([{ room, session: viewer.session, epoch, delayMs: 0 }]);
    const { sessions } = await cluster.rooms.read(room);
    expect(sessions.get(viewer.session)?.detachedAtMs).toBeGreaterThan(0);
    expect(sessions.get(presenter.session)?.detachedAtMs).toBeNull();
    expect(await cluster.registry.expired()).toEqual([]);
  });

  it('and that renews it in between is left alone', async () => {
    const { cluster, reaper } = await afterADeath();
    await reaper.look();
    await cluster.registry.beat(dead, 60_000);
    await reaper.look();
    expect(cluster.scheduled).toEqual([]);
  });

  it('[R-REDIS-1] is left alone while an outage is just over', async () => {
    const { cluster, calm, reaper } = await afterADeath();
    calm.disturb(60_000);
    for (let look = 0; look < 3; look += 1) await reaper.look();
    expect(cluster.scheduled).toEqual([]);
    expect(await cluster.registry.expired()).toEqual([dead]);
  });

  it.each(['reap:detached', 'reap:scheduled'] as const)(
    '[R-OWN-3] is cleared by the next look when a controller dies at %s',
    async step => {
      let isDying = true;
      const { cluster, reaper, room, viewer, epoch } = await afterADeath(async reached => {
        if (reached === step && isDying) throw new Error('killed');
      });
      await reaper.look();
      await expect(reaper.look()).rejects.toThrow('killed');
      expect(await cluster.registry.expired()).toEqual([dead]);
      isDying = false;
      await expect.poll(() => reaper.look().then(() => cluster.registry.expired())).toEqual([]);
      const expiry = { room, session: viewer.session, epoch, delayMs: 0 };
      expect(cluster.scheduled.at(-1)).toEqual(expiry);
    },
  );
});
