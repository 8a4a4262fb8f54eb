import { describe, expect, it } from 'vitest';
import { printFigure } from '../support/figures.js';
import type { ResumingClient } from '../support/resuming-client.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { OwnershipStage, quick } from './ownership-stage.js';

describe('a node that is told to end', () => {
  const stage = new OwnershipStage({
    ...quick(5_000),
    nodes: 3,
    env: { ...quick(5_000).env, MANYCAST_DRAIN_MS: '4000' },
  });

  /** What the SDK does: opens another socket when it is time, resumes, and lets the node close the former one. */
  async function follow(client: ResumingClient, next: SignalingNode) {
    const goaway = await client.wire.next('goaway');
    await new Promise(resolve => setTimeout(resolve, goaway.afterMs));
    const former = client.wire;
    const resumed = await client.resume(next.wsUrl('/one2many'));
    return { goaway, resumed, closed: await former.closed };
  }

  it('[R-NODE-1] loses nobody, no frame and no event, and ends with 0', async () => {
    const room = stage.newRoom();
    const leaving = stage.node(0);
    const presenter = await stage.joined('presenter', leaving, room);
    const viewers = [];
    for (let count = 0; count < 4; count += 1) viewers.push(await stage.joined('viewer', leaving, room));
    for (const { media } of viewers) media.longestGapMs = 0;
    leaving.process.kill('SIGTERM');
    const moves = await Promise.all(
      [presenter, ...viewers].map((client, index) => follow(client, stage.node(1 + (index % 2)))),
    );
    expect(await leaving.process.exited).toEqual({ code: 0, signal: null });
    stage.cluster.forget(leaving);
    for (const { goaway, resumed, closed } of moves) {
      expect(goaway.afterMs).toBeLessThanOrEqual(2_000);
      expect(resumed).toMatchObject({ id: 'resumed', renegotiate: false, isComplete: true });
      expect([4000, 4501]).toContain(closed.code);
    }
    expect(new Set(moves.map(({ goaway }) => goaway.afterMs)).size).toBeGreaterThan(1);
    const gapMs = Math.max(...viewers.map(({ media }) => media.longestGapMs));
    printFigure('media of viewers while their node drains', `longest gap ${Math.round(gapMs)} ms`);
    expect(gapMs).toBeLessThan(500);
    presenter.wire.send({ id: 'stop' });
    for (const viewer of viewers) await viewer.wire.next('stopCommunication');
    for (const { broadcasts } of viewers) expect(broadcasts).toEqual(['presenter-live', 'presenter-left']);
  });

  it('[R-NODE-1] does not wait for ever for those that do not move: they may still come back', async () => {
    const room = stage.newRoom();
    const leaving = stage.node(0);
    const presenter = await stage.joined('presenter', stage.node(1), room);
    const viewer = await stage.joined('viewer', leaving, room);
    const page = await stage.page(leaving);
    await page.watch(room);
    await page.untilSeen();
    leaving.process.kill('SIGTERM');
    expect(await viewer.wire.closed).toMatchObject({ code: 4000 });
    expect(await leaving.process.exited).toEqual({ code: 0, signal: null });
    stage.cluster.forget(leaving);
    expect(await viewer.resume(stage.node(1).wsUrl('/one2many'))).toMatchObject({
      id: 'resumed',
      renegotiate: false,
    });
    await viewer.media.untilReceived(10);
    // The page cannot come back, and need not: its media goes on (R-OWN-4).
    await page.untilSeen(50);
    expect(presenter.orders).toEqual([]);
    await stage.untilExact();
  });
});
