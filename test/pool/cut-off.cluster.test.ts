import { fileURLToPath } from 'node:url';
import { asMediaServerUrl } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { neverWithin, waitFor } from '../support/wait-for.js';
import { WireProxy } from '../support/wire-proxy.js';
import { PoolStage } from './pool-stage.js';

const quick = { MANYCAST_MEDIA_SILENCE_MS: '3000', MANYCAST_MEDIA_TIMEOUT_MS: '3000' };
const ownNames = fileURLToPath(new URL('../support/own-names.mjs', import.meta.url));
/** Where the node that is to be cut off finds what others find at 127.0.0.1. */
const detour = '127.0.0.2';

/** Longer than it takes to declare a server dead that nobody sees. */
const verdictMs = 3_000;

describe('a node that is cut off from one media server, which others see', () => {
  const stage = new PoolStage({
    nodes: 1,
    controllers: 1,
    mediaServers: 1,
    env: quick,
    controllerEnv: quick,
  });

  it.each(['refused', 'silent'] as const)(
    '[R-KMS-1] declares nobody dead, and serves again once it is through: %s',
    async passage => {
      const { cluster, stores } = stage;
      const gate = new URL(await cluster.addMedia());
      const port = Number(gate.port);
      const wire = await WireProxy.start({ host: detour, port }, { host: '127.0.0.1', port });
      // One address for all, and one process that comes to it by another way.
      const url = asMediaServerUrl(`ws://localhost:${port}/kurento`);
      stage.afterwards(async () => {
        await stores.servers.remove(url, 'admin');
        await cluster.removeMedia(gate.href);
        await wire.close();
      });
      const node = await cluster.addNode({}, '/readyz', {
        nodeArgs: ['--import', `${ownNames}?localhost=${detour}`],
      });
      stage.afterwards(() => cluster.removeNode(node));
      const cutOff = cluster.nodes.indexOf(node);
      await stores.servers.add('admin', [{ url, capacity: 300 }]);
      await stage.untilServer(url, { state: 'up' });
      const room = stage.newRoom();
      const clients = await stage.placingOn(url, async () => [
        await stage.joined('presenter', 0, room),
        await stage.joined('viewer', 0, room),
        await stage.joined('viewer', cutOff, room),
      ]);
      const { generation } = await stage.view(room);

      wire.set(passage);
      const seen = async () => (await stores.pool.read()).find(server => server.url === url);
      await waitFor('one of three to have lost it', async () => (await seen())?.observers.lost === 1, {
        timeoutMs: 20_000,
        actual: seen,
      });
      await neverWithin('a verdict on the server', verdictMs, async () => {
        const server = await seen();
        return server?.state === 'up' && server.observers.reachable === 2 ? undefined : server;
      });
      expect(await stage.view(room)).toMatchObject({ state: 'live', generation });
      for (const viewer of clients.slice(1)) await viewer.media.untilReceived(10);
      // Who comes to it is told to try again, and finds the room on another node.
      const refused = await stage.opened('viewer', cutOff, room);
      expect(await refused.offer()).toMatchObject({ response: 'rejected', code: 'media-unavailable' });
      await stage.joined('viewer', 0, room);
      expect(clients.flatMap(({ orders }) => orders)).toEqual([]);

      wire.set('open');
      await waitFor('all to see it', async () => (await seen())?.observers.lost === 0, {
        timeoutMs: 20_000,
        actual: seen,
      });
      await waitFor(
        'the node to serve the room again',
        async () => (await refused.offer()).response === 'accepted',
        { timeoutMs: 20_000, intervalMs: 500 },
      );
      await refused.untilFlowing();
      expect(await stage.view(room)).toMatchObject({ state: 'live', generation });
    },
  );
});
