import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { Cluster } from '../support/cluster.js';
import { median, printFigure } from '../support/figures.js';
import { printLogOnFailure } from '../support/print-log-on-failure.js';
import { waitFor } from '../support/wait-for.js';
import { MovingBroadcast } from './moving-broadcast.js';

const VIEWERS = 5;
const loud = { MANYCAST_LOG_LEVEL: 'info' };

let cluster: Cluster;
let browser: Browser;
let audience: Browser;
beforeAll(async () => {
  [cluster, browser, audience] = await Promise.all([
    Cluster.start({
      nodes: 2,
      mediaServers: 2,
      controllers: 1,
      isPublic: true,
      env: loud,
      controllerEnv: loud,
    }),
    launchBrowser(),
    launchBrowser({ camera: false }),
  ]);
});
printLogOnFailure(() => [...cluster.controllers, ...cluster.nodes].map(({ process }) => process));
afterEach(async () => {
  for (const context of [...browser.contexts(), ...audience.contexts()]) await context.close();
});
afterAll(async () => {
  await Promise.all([browser?.close(), audience?.close()]);
  expect(await cluster?.stop()).toEqual([]);
});

const listed = (values: number[]) => values.map(value => Math.round(value)).join(', ');

describe('the product’s page, with a presenter and five viewers', () => {
  it('[R-KMS-4] plays on while its media server is drained', async () => {
    const broadcast = await MovingBroadcast.start(cluster, {
      ...{ browser, audience, room: 'drained', viewers: VIEWERS },
    });
    const { id, url } = await broadcast.server();
    let emptyMs = 0;
    const drain = async () => {
      const begunAt = performance.now();
      await broadcast.admin.order(`/servers/${id}/drain`, { deadlineMs: 120_000 });
      await broadcast.untilElsewhere(url);
      await waitFor(
        'the server to be empty',
        async () => (await broadcast.admin.get(`/servers/${id}`)).state === 'drained',
        { timeoutMs: 60_000, intervalMs: 50 },
      );
      emptyMs = performance.now() - begunAt;
      await pause(2_000);
    };
    const gaps = await broadcast.gapsWhile(drain);
    const quiet = await broadcast.gapsWhile(() => pause(emptyMs + 2_000));
    printFigure(
      'drain, five viewers',
      `largest frame gap each ${listed(gaps)} ms; without a drain ${listed(quiet)} ms; empty after ${Math.round(emptyMs)} ms`,
    );
    expect(await broadcast.connections()).toEqual(Array.from({ length: VIEWERS }, () => 2));
    expect(await broadcast.shown()).toEqual(
      Array.from({ length: VIEWERS }, () => ({ isBlank: false, states: ['watching'] })),
    );
    // A busy machine stands still for a second now and then; the figure above says how it is on a quiet one.
    expect(Math.max(...gaps)).toBeLessThan(10_000);
    await broadcast.admin.order(`/servers/${id}/undrain`);
    await broadcast.close();
  });

  it('[R-KMS-2] has its picture back without a click after kill -9 of its media server, and the last one meanwhile', async () => {
    const broadcast = await MovingBroadcast.start(cluster, {
      ...{ browser, audience, room: 'killed', viewers: VIEWERS },
    });
    const { url, media } = await broadcast.server();
    const gaps = await broadcast.gapsWhile(async () => {
      media.process.kill('SIGKILL');
      await media.process.exited;
      await broadcast.untilElsewhere(url);
      await broadcast.untilPlaying();
      await pause(1_000);
    });
    printFigure(
      'kill -9 of the media server, five viewers',
      `without a new picture for ${listed(gaps)} ms (median ${Math.round(median(gaps))})`,
    );
    expect(await broadcast.shown()).toEqual(
      Array.from({ length: VIEWERS }, () => ({ isBlank: false, states: ['watching'] })),
    );
    for (const viewer of broadcast.viewers) expect(viewer.seen.errors).toEqual([]);
    await cluster.restartMedia(cluster.media.indexOf(media));
    await broadcast.close();
  });
});
