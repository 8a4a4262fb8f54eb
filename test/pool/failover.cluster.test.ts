import { describe, expect, it } from 'vitest';
import { readMetric } from '../support/metric.js';
import { waitFor } from '../support/wait-for.js';
import { PoolStage } from './pool-stage.js';

const quick = {
  MANYCAST_MEDIA_SILENCE_MS: '3000',
  MANYCAST_PRESENTER_GRACE_MS: '6000',
  MANYCAST_VIEWER_GRACE_MS: '6000',
};

describe('a pool of three media servers', () => {
  const stage = new PoolStage({
    ...{ nodes: 2, controllers: 2, mediaServers: 3, env: quick },
    controllerEnv: { ...quick, MANYCAST_RECONCILE_MS: '500', MANYCAST_ORPHAN_MS: '4000' },
  });
  const rebuilt = async () =>
    (
      await Promise.all(
        stage.cluster.controllers.map(({ httpUrl }) =>
          readMetric(httpUrl, 'manycast_failovers_total', { outcome: 'rebuilt' }),
        ),
      )
    ).reduce((sum, count) => sum + count, 0);

  it('[R-KMS-1] [R-KMS-2] [R-KMS-3] kill -9: its rooms are rebuilt elsewhere, each once; restarted it is another', async () => {
    const room = stage.newRoom();
    await stage.joined('presenter', 0, room);
    const viewers = [await stage.joined('viewer', 0, room), await stage.joined('viewer', 1, room)];
    const page = await stage.watchingPage(1, room);
    const from = await stage.serverOf(room);
    const other = stage.newRoom();
    await stage.joined('presenter', 1, other);
    const { generation } = await stage.view(other);
    const before = await rebuilt();

    const index = stage.indexOf(from);
    stage.cluster.media[index]?.process.kill('SIGKILL');
    await page.wire.next('stopCommunication', 30_000);
    await stage.untilElsewhere(room, from, viewers);
    await waitFor('the rebuilding to be over', async () => (await rebuilt()) > before, { timeoutMs: 10_000 });
    expect(await rebuilt()).toBe(before + 1);
    expect((await stage.view(room)).sessions.size).toBe(3);
    // Nobody else noticed.
    expect(await stage.view(other)).toMatchObject({ state: 'live', generation });

    const { serverId } = await stage.untilServer(from, { state: 'down', reserved: 0 });
    await stage.cluster.restartMedia(index);
    const again = await stage.untilServer(from, { state: 'up', reserved: 0, rooms: 0 });
    expect(again.serverId).not.toBe(serverId);
  });

  it('[R-KMS-1] [R-KMS-2] a server that stands still is lost too, and nothing of ours stays on it', async () => {
    const room = stage.newRoom();
    await stage.joined('presenter', 0, room);
    const viewer = await stage.joined('viewer', 1, room);
    const from = await stage.serverOf(room);
    const index = stage.indexOf(from);
    stage.cluster.media[index]?.process.kill('SIGSTOP');
    await stage.untilElsewhere(room, from, [viewer]);
    stage.cluster.media[index]?.process.kill('SIGCONT');
    await stage.untilServer(from, { health: 'up' }, 40_000);
    await waitFor(
      'what was left there to be released',
      async () => (await stage.cluster.pipelinesOn(stage.cluster.media[index] as never)) === 0,
      { timeoutMs: 30_000 },
    );
  });

  it('[R-KMS-4] drained: live rooms move with their viewers; pages keep what they have until the deadline', async () => {
    const room = stage.newRoom();
    const presenter = await stage.joined('presenter', 0, room);
    const viewers = [await stage.joined('viewer', 0, room), await stage.joined('viewer', 1, room)];
    const from = await stage.serverOf(room);
    await stage.stores.servers.drain(from as never, 60_000);
    await stage.untilElsewhere(room, from, viewers);
    await stage.untilServer(from, { state: 'drained' });
    const orders = presenter.orders.filter(({ id }) => id === 'renegotiate');
    expect(orders).toMatchObject([{ reason: 'media-moved' }]);
    await stage.stores.servers.undrain(from as never);

    const pageRoom = stage.newRoom();
    await stage.presentingPage(0, pageRoom);
    const page = await stage.watchingPage(1, pageRoom);
    const pageServer = await stage.serverOf(pageRoom);
    await stage.stores.servers.drain(pageServer as never, 3_000);
    const { generation } = await stage.view(pageRoom);
    await page.untilSeen(30);
    expect(await stage.view(pageRoom)).toMatchObject({ state: 'live', generation });
    await page.wire.next('stopCommunication', 30_000);
    await stage.untilServer(pageServer, { state: 'drained' });
    await stage.stores.servers.undrain(pageServer as never);
  });
});
