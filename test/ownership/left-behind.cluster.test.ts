import { setTimeout as pause } from 'node:timers/promises';
import { asSessionId, RoomName } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { printFigure } from '../support/figures.js';
import type { TutorialPage } from '../support/tutorial-page.js';
import { neverWithin, waitFor } from '../support/wait-for.js';
import { collectorPeriodMs, OwnershipStage, quick } from './ownership-stage.js';

const graceMs = 8_000;
const { env, controllerEnv } = quick(graceMs);

describe('what a killed node leaves behind', () => {
  const stage = new OwnershipStage({
    nodes: 2,
    env,
    controllerEnv: { ...controllerEnv, MANYCAST_REBUILD_MS: '5000' },
  });

  const sessionsIn = async (room: string) => (await stage.roomView(room)).sessions;

  /** Past three collections, and past the grace period of those who can come back. */
  const staysSeen = ({ peer }: Pick<TutorialPage, 'peer'>) =>
    neverWithin(
      'media that stands still',
      3 * collectorPeriodMs,
      () => performance.now() - (peer?.lastReceivedAt ?? 0) > 500,
    );

  it('[R-OWN-4] a tutorial viewer sees on, until its tab is closed', async () => {
    const room = stage.newRoom();
    const presenter = await stage.joined('presenter', stage.node(1), room);
    const page = await stage.page(stage.node(0));
    expect(await page.watch(room)).toMatchObject({ response: 'accepted' });
    await page.untilSeen();
    await stage.cluster.kill(stage.node(0));
    await staysSeen(page);
    expect((await sessionsIn(room)).size).toBe(2);

    page.peer?.close();
    const closedAt = performance.now();
    await waitFor('its session to end', async () => (await sessionsIn(room)).size === 1, {
      timeoutMs: 30_000,
    });
    printFigure(
      'a tutorial viewer of a killed node closes its tab',
      `${Math.round(performance.now() - closedAt)} ms until its session ended`,
    );
    await stage.untilExact();
    expect(presenter.orders).toEqual([]);
    expect(page.faults).toEqual([]);
  });

  it('[R-OWN-4] a tutorial presenter is seen on, until its tab is closed: then the room ends for everybody', async () => {
    const room = stage.newRoom();
    const page = await stage.page(stage.node(0));
    await page.broadcast(room);
    const viewer = await stage.joined('viewer', stage.node(1), room);
    await stage.cluster.kill(stage.node(0));
    await staysSeen(viewer);
    const late = await stage.joined('viewer', stage.node(1), room);

    page.peer?.close();
    for (const client of [viewer, late]) await client.wire.next('stopCommunication', 30_000);
    expect((await stage.roomView(room)).state).toBe('ended');
    await stage.untilExact();
  });

  it('[R-REDIS-2] and an emptied Redis has forgotten is put back from the media servers, and resumed with its old token', async () => {
    const room = stage.newRoom();
    await stage.joined('presenter', stage.node(1), room);
    const lost = await stage.joined('viewer', stage.node(0), room);
    const page = await stage.page(stage.node(0));
    expect(await page.watch(room)).toMatchObject({ response: 'accepted' });
    await page.untilSeen();
    const endpoint = await stage.endpointOf(lost);

    await stage.cluster.kill(stage.node(0));
    await stage.cluster.redis.kill();
    await stage.cluster.redis.start();
    const backAt = performance.now();
    const isBack = async () => {
      const { presenter, sessions, media } = await stage.roomView(room);
      return media !== null && presenter !== null && sessions.size === 3;
    };
    await waitFor('the room to be whole again', isBack, { timeoutMs: 10_000 });
    printFigure('an emptied Redis', `whole ${Math.round(performance.now() - backAt)} ms after it was back`);

    const node = stage.node(0).wsUrl('/one2many');
    // The node's own connection may be the last to come back: it says so, and when to ask again.
    let answer = await lost.resume(node);
    while (answer.retryAfterMs) {
      await pause(answer.retryAfterMs);
      answer = await lost.resume(node);
    }
    expect(answer).toMatchObject({ id: 'resumed', renegotiate: false });
    expect(await stage.endpointOf(lost)).toBe(endpoint);
    const resumed = await stage.stores.rooms.session(RoomName.parse(room), asSessionId(lost.session));
    expect(resumed).toMatchObject({ epoch: 2, speech: 'manycast.v1', detachedAtMs: null });
    await staysSeen(page);
    await staysSeen({ peer: lost.peer });
    await stage.untilExact();
    const { reserved = 0 } = (await stage.stores.pool.read())[0] ?? {};
    expect(reserved).toBe((await stage.roomView(room)).slots);
  });
});
