import { describe, expect, it } from 'vitest';
import { readMetric } from '../support/metric.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { neverWithin, waitFor } from '../support/wait-for.js';
import { collectorPeriodMs, OwnershipStage, quick } from './ownership-stage.js';

const graceMs = 2_000;
/** A peer that vanishes without a word, and never sent reports, is missed when ICE consent expires (RFC 7675: 30 s). */
const consentMs = 45_000;
const ws = (node: SignalingNode) => node.wsUrl('/one2many');

describe('clients that do not come back', () => {
  const stage = new OwnershipStage({ ...quick(graceMs), controllers: 2 });

  const ended = () =>
    Promise.all(
      stage.cluster.controllers.map(async ({ httpUrl }) => {
        const left = await readMetric(httpUrl, 'manycast_expiries_total', { outcome: 'left' });
        return left + (await readMetric(httpUrl, 'manycast_expiries_total', { outcome: 'ended' }));
      }),
    ).then(counts => counts.reduce((sum, count) => sum + count, 0));

  it.each(['their socket', 'their node'] as const)(
    '[R-OWN-3] after they lost %s: a viewer ends once, after its grace period, and nobody else notices',
    async lost => {
      const room = stage.newRoom();
      const presenter = await stage.joined('presenter', stage.node(1), room);
      const stays = await stage.joined('viewer', stage.node(2), room);
      const node = stage.node(0);
      const leaves = await stage.joined('viewer', node, room);
      const before = await ended();
      const lostAt = performance.now();
      if (lost === 'their node') await stage.cluster.kill(node);
      leaves.vanish();
      await waitFor('the viewer to end', async () => (await stage.roomView(room)).sessions.size === 2, {
        timeoutMs: 20_000,
      });
      expect(performance.now() - lostAt).toBeGreaterThan(graceMs);
      await stage.untilExact();
      expect((await ended()) - before).toBe(1);
      await stays.media.untilReceived(10);
      expect([...presenter.orders, ...stays.orders]).toEqual([]);
    },
  );

  it.each(['their socket', 'their node'] as const)(
    '[R-OWN-3] after they lost %s: a presenter’s room ends once, and viewers are told once',
    async lost => {
      const room = stage.newRoom();
      const node = stage.node(0);
      const presenter = await stage.joined('presenter', node, room);
      const viewers = [
        await stage.joined('viewer', stage.node(1), room),
        await stage.joined('viewer', stage.node(2), room),
      ];
      const before = await ended();
      if (lost === 'their node') await stage.cluster.kill(node);
      presenter.vanish();
      for (const viewer of viewers) await viewer.wire.next('stopCommunication', 20_000);
      await stage.untilExact();
      expect(await stage.cluster.figures()).toMatchObject({ sessions: 0, pipelines: 0, endpoints: 0 });
      expect((await ended()) - before).toBe(1);
      for (const viewer of viewers) {
        expect(viewer.wire.all('stopCommunication')).toHaveLength(1);
        expect(viewer.broadcasts).toEqual(['presenter-live', 'presenter-left']);
      }
    },
  );

  it('[R-OWN-3] a token of a session that has ended is refused, and the socket is good for a new one', async () => {
    const room = stage.newRoom();
    await stage.joined('presenter', stage.node(1), room);
    const viewer = await stage.joined('viewer', stage.node(0), room);
    viewer.wire.ws.terminate();
    await waitFor('the viewer to end', async () => (await stage.roomView(room)).sessions.size === 1, {
      timeoutMs: 20_000,
    });
    expect(await viewer.resume(ws(stage.node(2)))).toMatchObject({
      id: 'resumeRejected',
      code: 'session-unknown',
    });
    await stage.untilExact();
  });
});

describe('unmodified tutorial pages whose node died', () => {
  const stage = new OwnershipStage(quick(graceMs));

  it('[R-OWN-4] their media goes on past the collection period; when a viewer’s tab closes, only it has left', async () => {
    const [dying, living] = [stage.node(0), stage.node(1)];
    const room = stage.newRoom();
    const [presenter, viewer, bystander] = [
      await stage.page(dying),
      await stage.page(dying),
      await stage.page(living),
    ];
    await presenter.broadcast(room);
    for (const page of [viewer, bystander]) {
      await page.watch(room);
      await page.untilSeen();
    }
    await stage.cluster.kill(dying);
    await neverWithin(
      'media that stands still, or a session that ends',
      3 * collectorPeriodMs,
      async () =>
        [viewer, bystander].some(({ peer }) => performance.now() - (peer?.lastReceivedAt ?? 0) > 500) ||
        (await stage.roomView(room)).sessions.size !== 3,
    );
    viewer.peer?.close();
    await waitFor('the viewer to end', async () => (await stage.roomView(room)).sessions.size === 2, {
      timeoutMs: consentMs,
    });
    await bystander.untilSeen();
    await stage.untilExact();
  });

  it('[R-OWN-4] when the presenter’s tab closes the room ends for the others, who are told once', async () => {
    const [dying, living] = [stage.node(0), stage.node(1)];
    const room = stage.newRoom();
    const presenter = await stage.page(dying);
    const viewer = await stage.page(living);
    await presenter.broadcast(room);
    await viewer.watch(room);
    await viewer.untilSeen();
    const resuming = await stage.joined('viewer', living, room);
    await stage.cluster.kill(dying);
    await neverWithin(
      'the end of a broadcast whose page is still there',
      3 * collectorPeriodMs,
      () => viewer.wire.all('stopCommunication').length > 0,
    );
    presenter.peer?.close();
    await viewer.wire.next('stopCommunication', consentMs);
    await resuming.wire.next('stopCommunication', 5_000);
    await stage.untilExact();
    expect(viewer.wire.all('stopCommunication')).toHaveLength(1);
    expect([presenter, viewer].flatMap(({ faults }) => faults)).toEqual([]);
  });
});
