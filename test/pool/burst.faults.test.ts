import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { percentile } from '../bench/samples.js';
import { LightClient } from '../ownership/light-client.js';
import { Cluster } from '../support/cluster.js';
import { openStores } from '../support/cluster-stores.js';
import { printFigure } from '../support/figures.js';
import type { Json } from '../support/kurento-rpc.js';
import { readMetric } from '../support/metric.js';
import { waitFor } from '../support/wait-for.js';
import { WebRtcPeer } from '../support/webrtc-peer.js';

const servers = 5;
const capacity = 120;
const rooms = 50;

describe('[R-KMS-5] a burst of joins', () => {
  const peers = [new WebRtcPeer('send'), new WebRtcPeer('receive')] as const;
  let cluster: Cluster;
  let stores: Awaited<ReturnType<typeof openStores>>;
  let offers: { presenter: string; viewer: string };
  let clients: LightClient[] = [];
  beforeAll(async () => {
    cluster = await Cluster.start({
      ...{ nodes: 2, mediaServers: servers, controllers: 1 },
      env: { MANYCAST_MEDIA_SERVER_CAPACITY: String(capacity), MANYCAST_MEDIA_TIMEOUT_MS: '60000' },
      controllerEnv: { MANYCAST_MEDIA_SERVER_CAPACITY: String(capacity) },
    });
    stores = await openStores(cluster.redis.url);
    const [presenter, viewer] = await Promise.all(peers.map(peer => peer.offer()));
    offers = { presenter: presenter as string, viewer: viewer as string };
    await waitFor(
      'every server to be up',
      async () => (await stores.pool.read()).filter(({ state }) => state === 'up').length === servers,
      { timeoutMs: 30_000 },
    );
  });
  afterEach(async () => {
    // Without media: a socket that goes would leave a presenter its grace period.
    await Promise.all(clients.map(client => client.leave()));
    await waitFor(
      'nothing to be left',
      async () =>
        (await stores.pool.reservations()).length === 0 && (await cluster.figures()).endpoints === 0,
      { timeoutMs: 60_000, intervalMs: 100 },
    );
  });
  afterAll(async () => {
    for (const peer of peers) peer.close();
    stores?.close();
    expect(await cluster?.stop()).toEqual([]);
  });

  /** Everybody at once: the presenters of all rooms, and as many viewers in each. Resolves with what each was answered. */
  async function burst(name: string, viewersEach: number): Promise<Json[]> {
    clients = Array.from({ length: rooms * (viewersEach + 1) }, (_, i) => {
      const role = i < rooms ? 'presenter' : 'viewer';
      return new LightClient(role, `${name}-${i % rooms}`, offers[role]);
    });
    const urls = cluster.nodes.map(node => node.wsUrl('/one2many'));
    await Promise.all(clients.map((client, i) => client.open(urls[i % urls.length] as string)));
    const watch = watchServers();
    const began = performance.now();
    const refusedMs: number[] = [];
    const answers = await Promise.all(
      clients.map(async client => {
        const answer = await client.join();
        if (answer.response !== 'accepted') refusedMs.push(performance.now() - began);
        return answer;
      }),
    );
    const tookMs = Math.round(performance.now() - began);
    const most = await watch.end();
    const accepted = answers.filter(({ response }) => response === 'accepted').length;
    printFigure(
      `${clients.length} joins at once on a pool for ${servers * capacity}`,
      `${accepted} accepted, ${answers.length - accepted} refused, the last answer after ${tookMs} ms`,
    );
    if (refusedMs.length > 0)
      printFigure(
        'refused after',
        `p50 ${Math.round(percentile(refusedMs, 0.5))}, p95 ${Math.round(percentile(refusedMs, 0.95))} ms`,
      );
    printFigure(
      'at any time on one server',
      `${most.promised} promised, ${most.endpoints} endpoints, of ${capacity}`,
    );
    expect(most.promised).toBeLessThanOrEqual(capacity);
    expect(most.endpoints).toBeLessThanOrEqual(capacity);
    return answers;
  }

  it('takes exactly what there is room for, on no server more than it has, and refuses the rest at once', async () => {
    const answers = await burst('full', 19);
    const accepted = answers.filter(({ response }) => response === 'accepted').length;
    const refused = answers.filter(({ code }) => code === 'pool-full');
    printFigure('endpoints on each server', (await endpoints()).join(' '));
    expect(accepted).toBe(servers * capacity);
    expect(refused).toHaveLength(clients.length - accepted);
    expect(refused.every(({ retryAfterMs }) => retryAfterMs > 0)).toBe(true);
    expect(await endpoints()).toEqual(Array.from({ length: servers }, () => capacity));
    // Presenters come before their viewers: none of a burst is refused for want of room.
    expect(answers.slice(0, rooms).every(({ response }) => response === 'accepted')).toBe(true);
  });

  it('spreads what there is room for', async () => {
    const answers = await burst('spread', 5);
    expect(answers.every(({ response }) => response === 'accepted')).toBe(true);
    const [each, placed] = [await endpoints(), (await stores.pool.read()).map(server => server.rooms)];
    const mean = clients.length / servers;
    printFigure('endpoints on each server', each.join(' '));
    printFigure('rooms on each server', placed.join(' '));
    printFigure(
      'imbalance: the fullest server above the mean',
      `${Math.round((Math.max(...each) / mean - 1) * 100)} %`,
    );
    expect(Math.max(...each)).toBeLessThanOrEqual(1.5 * mean);
  });

  const endpoints = () =>
    Promise.all(
      cluster.media.map(({ port }) => readMetric(`http://127.0.0.1:${port}`, 'manycast_media_endpoints')),
    );

  /** The most that a single server had while it went on. */
  function watchServers() {
    const most = { promised: 0, endpoints: 0 };
    let isOver = false;
    const watching = (async () => {
      do {
        const [each, pool] = await Promise.all([endpoints(), stores.pool.read()]);
        most.endpoints = Math.max(most.endpoints, ...each);
        most.promised = Math.max(most.promised, ...pool.map(({ reserved }) => reserved));
      } while (!isOver);
    })();
    return {
      end: async () => {
        isOver = true;
        await watching;
        return most;
      },
    };
  }
});
