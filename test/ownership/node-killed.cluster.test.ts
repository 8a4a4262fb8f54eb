import { describe, expect, it } from 'vitest';
import { printFigure } from '../support/figures.js';
import type { ResumingClient } from '../support/resuming-client.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { neverWithin, waitFor } from '../support/wait-for.js';
import { collectorPeriodMs, OwnershipStage, quick } from './ownership-stage.js';

/** A collection comes one to two periods after a death: whoever is watched for three has survived it. */
const watchMs = 3 * collectorPeriodMs;
/** Many times the pause between two packets, and far below one picture that freezes. */
const gapLimitMs = 500;

describe('kill -9 of a node', () => {
  const stage = new OwnershipStage(quick(8_000));

  const ws = (node: SignalingNode) => node.wsUrl('/one2many');

  /** Watches the media of some viewers past the collection of what the dead node left; returns the longest gap. */
  async function watch(viewers: ResumingClient[], during: () => Promise<void>): Promise<number> {
    for (const { media } of viewers) media.longestGapMs = 0;
    await during();
    await neverWithin(
      'media that stands still',
      watchMs,
      () =>
        viewers.find(({ media }) => performance.now() - media.lastReceivedAt > gapLimitMs)?.media.received,
    );
    return Math.max(...viewers.map(({ media }) => media.longestGapMs));
  }

  it.each(['viewer', 'presenter', 'both'] as const)(
    '[R-OWN-2] the node of the %s: resumed elsewhere with the same endpoint and connection, nothing missed',
    async whose => {
      const room = stage.newRoom();
      const [first, second, third] = [stage.node(0), stage.node(1), stage.node(2)];
      const presenterNode = whose === 'viewer' ? second : first;
      const viewerNode = whose === 'presenter' ? second : first;
      const presenter = await stage.joined('presenter', presenterNode, room);
      const viewer = await stage.joined('viewer', viewerNode, room);
      const bystander = await stage.joined('viewer', third, room);
      const lost = whose === 'both' ? [presenter, viewer] : [whose === 'viewer' ? viewer : presenter];
      const before = await Promise.all(lost.map(client => stage.endpointOf(client)));
      const peers = lost.map(({ peer }) => peer);

      const quietGapMs = await watch([viewer, bystander], async () => {});
      const gapMs = await watch([viewer, bystander], async () => {
        await stage.cluster.kill(first);
        for (const client of lost) {
          expect((await client.wire.closed).code).toBe(1006);
          const resumed = await client.resume(ws(third));
          expect(resumed).toMatchObject({ id: 'resumed', renegotiate: false, isComplete: true });
        }
      });
      printFigure(
        `media of viewers when the node of the ${whose} is killed`,
        `longest gap ${Math.round(gapMs)} ms; ${Math.round(quietGapMs)} ms without a kill`,
      );
      expect(gapMs).toBeLessThan(gapLimitMs);
      expect(await Promise.all(lost.map(client => stage.endpointOf(client)))).toEqual(before);
      expect(lost.map(({ peer }) => peer)).toEqual(peers);
      expect(bystander.orders).toEqual([]);
      expect(viewer.orders).toEqual([]);
      await stage.untilExact();

      presenter.wire.send({ id: 'stop' });
      for (const client of [viewer, bystander]) await client.wire.next('stopCommunication');
      for (const { broadcasts } of [viewer, bystander])
        expect(broadcasts).toEqual(['presenter-live', 'presenter-left']);
    },
  );

  it('[R-BUS-1] what happened in the room while a client had no socket is told when it resumes, in order', async () => {
    const room = stage.newRoom();
    const [first, second, third] = [stage.node(0), stage.node(1), stage.node(2)];
    const presenter = await stage.joined('presenter', second, room);
    const viewer = await stage.joined('viewer', first, room);
    await stage.cluster.kill(first);
    // The presenter builds its media anew, twice.
    await presenter.join();
    await presenter.join();
    const resumed = await viewer.comeBack(ws(third));
    expect(resumed).toMatchObject({ id: 'resumed', isComplete: true, renegotiate: true });
    const begin = viewer.events[0]?.seq ?? 0;
    expect(viewer.events.map(({ type, seq }) => `${seq - begin} ${type}`)).toEqual([
      '0 presenter-live',
      '1 presenter-live',
      '2 presenter-live',
    ]);
    await stage.untilExact();
  });

  it.each(['the same node', 'another node'])(
    '[R-OWN-1] a newer socket on %s wins: the older is closed with 4501, and what it still says changes nothing',
    async where => {
      const room = stage.newRoom();
      const presenter = await stage.joined('presenter', stage.node(0), room);
      const viewer = await stage.joined('viewer', stage.node(0), room);
      const endpoint = await stage.endpointOf(viewer);
      const former = viewer.wire;
      expect(await viewer.resume(ws(stage.node(where === 'another node' ? 1 : 0)))).toMatchObject({
        id: 'resumed',
        renegotiate: false,
      });
      // Not superseded by word of mouth alone: nobody listens to what the older one asks for any more.
      if (former.isOpen) former.send({ id: 'stop' });
      expect(await former.closed).toEqual({ code: 4501, reason: 'the session goes on, on a newer socket' });
      await viewer.media.untilReceived(10);
      expect(await stage.endpointOf(viewer)).toBe(endpoint);
      expect(presenter.orders).toEqual([]);
      await stage.untilExact();
    },
  );

  it('[R-OWN-1] a node that stood still and lost its sessions to another writes nothing when it wakes', async () => {
    const room = stage.newRoom();
    const [stalled, other] = [stage.node(0), stage.node(1)];
    await stage.joined('presenter', other, room);
    const viewer = await stage.joined('viewer', stalled, room);
    const endpoint = await stage.endpointOf(viewer);
    const former = viewer.wire;
    stalled.process.kill('SIGSTOP');
    try {
      expect(await viewer.resume(ws(other))).toMatchObject({ id: 'resumed', renegotiate: false });
      // Waits at the stalled node, before the news that it is superseded.
      former.send({ id: 'leave' });
    } finally {
      stalled.process.kill('SIGCONT');
    }
    expect((await former.closed).code).toBe(4501);
    await viewer.media.untilReceived(10);
    expect(await stage.endpointOf(viewer)).toBe(endpoint);
    await stage.untilExact();
  });

  it('[R-OWN-1] a node that stood still for longer than its lease keeps the sessions that did not move', async () => {
    const room = stage.newRoom();
    const [stalled, other] = [stage.node(0), stage.node(1)];
    const presenter = await stage.joined('presenter', stalled, room);
    const viewer = await stage.joined('viewer', other, room);
    const isDetached = async () => {
      const view = await stage.roomView(room);
      return [...view.sessions.values()].some(({ detachedAtMs }) => detachedAtMs !== null);
    };
    stalled.process.kill('SIGSTOP');
    try {
      await waitFor('the presenter to be taken for detached', isDetached, { timeoutMs: 10_000 });
    } finally {
      stalled.process.kill('SIGCONT');
    }
    await waitFor('the presenter to be attached again', async () => !(await isDetached()));
    // Past the end of the grace period that had begun.
    await neverWithin('the end of a broadcast that goes on', 10_000, () => viewer.orders.length > 0, 200);
    expect(presenter.wire.isOpen).toBe(true);
    await viewer.media.untilReceived(10);
    await stage.untilExact();
  });
});
