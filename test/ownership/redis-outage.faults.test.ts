import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { printFigure } from '../support/figures.js';
import { waitFor } from '../support/wait-for.js';
import { OwnershipStage, quick } from './ownership-stage.js';

/** Longer than any lease and any grace period here: nobody may be held to have left because of it. */
const outageMs = 30_000;
const graceMs = 6_000;

describe('a Redis that is away for 30 s', () => {
  const stage = new OwnershipStage({ ...quick(graceMs), nodes: 2 });

  it.each([
    ['with its data', false],
    ['empty', true],
  ] as const)(
    '[R-REDIS-1] [R-REDIS-2] and comes back %s: no socket closed, no media touched, and then everything converges',
    { timeout: 180_000 },
    async (how, isEmptied) => {
      const { redis } = stage.cluster;
      const room = stage.newRoom();
      const presenter = await stage.joined('presenter', stage.node(0), room);
      const viewers = [
        await stage.joined('viewer', stage.node(0), room),
        await stage.joined('viewer', stage.node(1), room),
      ];
      const page = await stage.page(stage.node(1));
      await page.watch(room);
      await page.untilSeen();
      const sockets = [presenter, ...viewers].map(({ wire }) => wire).concat(page.wire);
      for (const { media } of viewers) media.longestGapMs = 0;

      if (isEmptied) stage.allowLostEvents();
      if (isEmptied) await redis.kill();
      else redis.process.kill('SIGSTOP');
      const awayAt = performance.now();
      const refused = await stage.client('viewer', stage.node(0), room);
      const askedAt = performance.now();
      expect(await refused.offer()).toMatchObject({ response: 'rejected', code: 'unavailable' });
      const refusedMs = performance.now() - askedAt;
      await pause(outageMs - (performance.now() - awayAt));
      if (isEmptied) await redis.start();
      else redis.process.kill('SIGCONT');
      const backAt = performance.now();

      await waitFor('a join to be accepted', async () => (await refused.offer()).response === 'accepted', {
        timeoutMs: 20_000,
        intervalMs: 100,
      });
      const joinMs = performance.now() - backAt;
      await waitFor(
        'everybody to be in the room again',
        async () => {
          const { sessions } = await stage.roomView(room);
          return (
            sessions.size === 5 && [...sessions.values()].every(({ detachedAtMs }) => detachedAtMs === null)
          );
        },
        { timeoutMs: 20_000, intervalMs: 50 },
      );
      const convergedMs = performance.now() - backAt;
      // Past the grace period and the looks of the controller: what is right stays so.
      await pause(graceMs + 4_000);
      await stage.untilExact();
      expect((await stage.roomView(room)).sessions.size).toBe(5);
      const closed = sockets.filter(wire => !wire.isOpen).length;
      const gapMs = Math.max(...viewers.map(({ media }) => media.longestGapMs));
      printFigure(
        `a Redis that is away for 30 s and comes back ${how}`,
        `sockets closed ${closed}, longest gap in media ${Math.round(gapMs)} ms; a join was refused after ${Math.round(refusedMs)} ms and accepted ${Math.round(joinMs)} ms after its return; everybody known again ${Math.round(convergedMs)} ms after it`,
      );
      expect(closed).toBe(0);
      expect(gapMs).toBeLessThan(500);
      expect(convergedMs).toBeLessThan(10_000);
      presenter.wire.send({ id: 'stop' });
      for (const viewer of viewers) await viewer.wire.next('stopCommunication');
      await page.wire.next('stopCommunication');
      await refused.wire.next('stopCommunication');
      // Whoever was there before the loss is told that there is a hole, and where events go on.
      for (const { gaps, seq } of viewers) expect(gaps).toEqual(isEmptied ? [seq - 1] : []);
    },
  );
});
