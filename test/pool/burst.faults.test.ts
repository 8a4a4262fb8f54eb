import { asMediaServerUrl } from '@manycast/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LightClient } from '../ownership/light-client.js';
import { Cluster } from '../support/cluster.js';
import { openStores } from '../support/cluster-stores.js';
import { printFigure } from '../support/figures.js';
import { WebRtcPeer } from '../support/webrtc-peer.js';

const servers = 5;
const capacity = 120;
const rooms = 50;
const viewersEach = 19;

/** 1,000 joins at once, on room for 600. */
describe('[R-KMS-5] a burst on a pool that is too small', () => {
  let cluster: Cluster;
  let stores: Awaited<ReturnType<typeof openStores>>;
  beforeAll(async () => {
    cluster = await Cluster.start({
      ...{ nodes: 2, mediaServers: servers, controllers: 1 },
      env: { MANYCAST_MEDIA_SERVER_CAPACITY: String(capacity), MANYCAST_MEDIA_TIMEOUT_MS: '60000' },
    });
    stores = await openStores(cluster.redis.url);
    await expect
      .poll(async () => (await stores.pool.read()).filter(({ state }) => state === 'up').length, {
        timeout: 30_000,
      })
      .toBe(servers);
  });
  afterAll(async () => {
    stores?.close();
    await cluster?.stop();
  });

  it('takes exactly what there is room for, on no server more than it has, and refuses the rest at once', async () => {
    const peers = [new WebRtcPeer('send'), new WebRtcPeer('receive')];
    const [present, watch] = (await Promise.all(peers.map(peer => peer.offer()))) as [string, string];
    const urls = cluster.nodes.map(node => node.wsUrl('/one2many'));
    const clients = Array.from({ length: rooms * (viewersEach + 1) }, (_, i) => {
      const room = `burst-${i % rooms}`;
      return i < rooms ? new LightClient('presenter', room, present) : new LightClient('viewer', room, watch);
    });
    await Promise.all(clients.map((client, i) => client.open(urls[i % urls.length] as string)));
    const refusedMs: number[] = [];
    const began = performance.now();
    const answers = await Promise.all(
      clients.map(async client => {
        const answer = await client.join();
        if (answer.response !== 'accepted') refusedMs.push(performance.now() - began);
        return answer;
      }),
    );
    const accepted = answers.filter(({ response }) => response === 'accepted').length;
    const refused = answers.filter(({ code }) => code === 'pool-full');
    const perServer = await Promise.all(cluster.media.map(media => endpointsOn(media.port)));
    const promised = (await stores.pool.read()).map(({ url, reserved }) => [asMediaServerUrl(url), reserved]);
    printFigure('burst of 1,000 joins on 600: accepted, refused', `${accepted}, ${refused.length}`);
    printFigure('endpoints on each server', perServer.join(' '));
    printFigure('promised on each server', JSON.stringify(Object.fromEntries(promised)));
    printFigure('the last answer after', `${Math.round(performance.now() - began)} ms`);
    expect(accepted).toBe(servers * capacity);
    expect(refused).toHaveLength(clients.length - accepted);
    expect(refused.every(({ retryAfterMs }) => retryAfterMs > 0)).toBe(true);
    for (const endpoints of perServer) expect(endpoints).toBeLessThanOrEqual(capacity);
    for (const client of clients) client.end();
    for (const peer of peers) peer.close();
  });

  async function endpointsOn(port: number): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^manycast_media_endpoints(?:\{[^}]*\})? (\d+)/m.exec(text)?.[1]);
  }
});
