import { asMediaServerUrl, asNodeId, asSessionId, RoomName } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import type { Controller } from '../support/controller.js';
import { printFigure } from '../support/figures.js';
import { KurentoSession } from '../support/kurento-session.js';
import { readMetric } from '../support/metric.js';
import { ObjectWatch } from '../support/object-watch.js';
import { neverWithin, waitFor } from '../support/wait-for.js';
import { collectorPeriodMs, OwnershipStage, quick } from './ownership-stage.js';

const graceMs = 4_000;

/** What all controllers that still run counted, together. */
const counted = async (controllers: Controller[], name: string, labels: Record<string, string> = {}) =>
  (await Promise.all(controllers.map(({ httpUrl }) => readMetric(httpUrl, name, labels)))).reduce(
    (sum, value) => sum + value,
    0,
  );

describe('two controllers', () => {
  const stage = new OwnershipStage({ nodes: 2, controllers: 2, ...quick(graceMs) });

  /** A presenter on a node that lives, a viewer beside it and one on a node that is about to be killed. */
  async function broadcast() {
    const room = stage.newRoom();
    const [doomed, living] = [stage.node(0), stage.node(1)];
    const presenter = await stage.joined('presenter', living, room);
    const bystander = await stage.joined('viewer', living, room);
    const lost = await stage.joined('viewer', doomed, room);
    return { room, doomed, living, presenter, bystander, lost };
  }

  const isGone = async (room: string, session: string) =>
    (await stage.stores.rooms.session(RoomName.parse(room), asSessionId(session))) === null;

  it('[R-OWN-3] end a viewer that does not come back once, and nobody else', async () => {
    const { controllers } = stage.cluster;
    const outcomes = () =>
      Promise.all(
        ['left', 'ended'].map(outcome => counted(controllers, 'manycast_expiries_total', { outcome })),
      );
    const before = await outcomes();
    const { room, doomed, presenter, bystander, lost } = await broadcast();
    const killedAt = performance.now();
    await stage.cluster.kill(doomed);
    await waitFor('the viewer to be ended', () => isGone(room, lost.session), { timeoutMs: 20_000 });
    const goneAfterMs = Math.round(performance.now() - killedAt);
    printFigure(
      'a viewer whose node was killed is ended',
      `${goneAfterMs} ms later (grace ${graceMs} ms, lease 3,000 ms)`,
    );
    expect(goneAfterMs).toBeGreaterThan(graceMs);
    await stage.untilExact();
    expect(await outcomes()).toEqual([(before[0] ?? 0) + 1, before[1]]);
    expect(presenter.orders).toEqual([]);
    expect(bystander.orders).toEqual([]);
    await bystander.media.untilReceived(10);
  });

  it.each(['reap:detached', 'reap:scheduled', 'expiry:expired'])(
    '[R-OWN-3] both are killed at %s: a third finishes, once',
    async step => {
      const { room, doomed, presenter, bystander, lost } = await broadcast();
      for (const controller of [...stage.cluster.controllers]) await stage.cluster.kill(controller);
      const victims = await Promise.all([
        stage.cluster.addController(['kill', step]),
        stage.cluster.addController(['kill', step]),
      ]);
      await stage.cluster.kill(doomed);
      // Where only one can get there, the other takes over its job and dies of it as well, or has nothing to die of.
      await Promise.race(victims.map(({ process }) => process.exited));
      const third = await stage.cluster.addController();
      await waitFor('the viewer to be ended', () => isGone(room, lost.session), { timeoutMs: 30_000 });
      const reached = victims.filter(({ process }) => process.log.find(/reached/));
      printFigure(`controllers killed at ${step}`, reached.length);
      expect(reached.length).toBeGreaterThan(0);
      await stage.untilExact();
      for (const victim of victims) {
        await victim.process.stop();
        stage.cluster.forget(victim);
      }
      expect(await isGone(room, presenter.session)).toBe(false);
      expect(await isGone(room, bystander.session)).toBe(false);
      expect([...presenter.orders, ...bystander.orders]).toEqual([]);
      expect(third.process.isRunning()).toBe(true);
    },
  );

  it('[R-OWN-6] release what nobody owns, and touch neither the living nor what is not ours', async () => {
    const { controllers, media } = stage.cluster;
    const { room, bystander } = await broadcast();
    const url = media[0]?.url ?? '';
    const session = await KurentoSession.open(url);
    const watch = await ObjectWatch.start(await KurentoSession.open(url));
    const tag = async (object: string, role: string, ofRoom: string) => {
      const tags = { manycast: '1', room: ofRoom, session: 'nobody', generation: '1', role };
      for (const [key, value] of Object.entries(tags)) await session.invoke(object, 'addTag', { key, value });
    };
    const view = await stage.roomView(room);
    const stray = await session.createEndpoint(view.media?.pipeline ?? '');
    await tag(stray, 'viewer', room);
    const orphan = await session.createPipeline();
    await tag(orphan, 'pipeline', 'no-such-room');
    const foreign = await session.createPipeline();
    await watch.untilDestroyed(orphan, 20_000);
    await watch.untilDestroyed(stray, 20_000);
    await bystander.media.untilReceived(10);
    expect(watch.isDestroyed(foreign)).toBe(false);
    await session.release(foreign);
    const repairs = (kind: string) => counted(controllers, 'manycast_reconcile_repairs_total', { kind });
    expect(await repairs('orphan-endpoint')).toBeGreaterThanOrEqual(1);
    expect(await repairs('orphan-pipeline')).toBeGreaterThanOrEqual(1);
    expect(await repairs('lost-media')).toBe(0);
    await stage.untilExact();
  });

  it('give back promises without a broadcast, and put back those of broadcasts', async () => {
    const { room } = await broadcast();
    const { pool } = stage.stores;
    const [dead, live] = [RoomName.parse('long-over'), RoomName.parse(room)];
    const server = asMediaServerUrl(stage.cluster.gates[0]?.url ?? '');
    await pool.restore({ room: dead, generation: 7, server, slots: 5 });
    await pool.release({ room: live, generation: 1 });
    const promised = async () => new Set((await pool.reservations()).map(reservation => reservation.room));
    await waitFor(
      'the promises to be those of the broadcasts',
      async () => {
        const rooms = await promised();
        return rooms.has(live) && !rooms.has(dead);
      },
      { timeoutMs: 20_000, actual: promised },
    );
    const { slots } = await stage.roomView(room);
    expect(await pool.read()).toMatchObject([{ reserved: slots }]);
  });

  it('detach what a forgotten node wrote late', async () => {
    const { room, lost } = await broadcast();
    const order = { room: RoomName.parse(room), session: asSessionId(lost.session), seq: 0 };
    await stage.stores.rooms.attach({ ...order, node: asNodeId('forgotten'), tokenEpoch: 1 });
    await waitFor('the session to be ended', () => isGone(room, lost.session), { timeoutMs: 20_000 });
  });
});

describe('a controller that guards', () => {
  const stage = new OwnershipStage({ nodes: 2, controllers: 1, ...quick(30_000) });

  it('[R-OWN-2] keeps a broadcast whose only node died the moment it began, past three collections', async () => {
    const room = stage.newRoom();
    const [doomed, living] = [stage.node(0), stage.node(1)];
    const presenter = await stage.joined('presenter', doomed, room);
    const viewer = await stage.joined('viewer', doomed, room);
    const endpoints = await Promise.all([presenter, viewer].map(client => stage.endpointOf(client)));
    await stage.cluster.kill(doomed);
    await neverWithin(
      'media that stands still',
      3 * collectorPeriodMs,
      () => performance.now() - viewer.media.lastReceivedAt > 500,
    );
    expect(await counted(stage.cluster.controllers, 'manycast_guarded_pipelines')).toBe(1);
    for (const client of [presenter, viewer]) {
      const resumed = await client.resume(living.wsUrl('/one2many'));
      expect(resumed).toMatchObject({ id: 'resumed', renegotiate: false });
    }
    expect(await Promise.all([presenter, viewer].map(client => stage.endpointOf(client)))).toEqual(endpoints);
    await viewer.media.untilReceived(10);
    await stage.untilExact();
  });
});
