import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../manifests/kube-object.js';
import { named, type Workload } from '../manifests/kube-object.js';
import { renderKustomization } from '../manifests/kustomization.js';
import { type EmbeddedMedia, startEmbeddedMedia } from '../support/embedded-media.js';
import { printFigure } from '../support/figures.js';
import { freePort } from '../support/free-port.js';
import { type PrivateRedis, startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';
import { FollowingClient } from './following-client.js';
import { PlayedPod } from './played-pod.js';
import { ServiceEndpoints } from './service-endpoints.js';

const ROOMS = 3;
const VIEWERS = 5;

describe('a rolling update of signaling, played with the manifests’ own commands, probes and grace periods', () => {
  let objects: KubeObject[];
  let redis: PrivateRedis;
  let media: EmbeddedMedia;
  let controller: PlayedPod;
  const service = new ServiceEndpoints();
  const pods: PlayedPod[] = [];
  const clients: FollowingClient[] = [];

  const place = async () => {
    const port = await freePort();
    const env = {
      MANYCAST_HOST: '127.0.0.1',
      MANYCAST_PORT: String(port),
      MANYCAST_REDIS_URL: redis.url,
      MANYCAST_MEDIA_SERVERS: media.url,
      MANYCAST_LOG_LEVEL: 'warn',
    };
    return { httpUrl: `http://127.0.0.1:${port}`, env };
  };
  async function startNode(): Promise<PlayedPod> {
    const { httpUrl, env } = await place();
    const own = { MANYCAST_OPEN: 'true', MANYCAST_JOIN_SECRET: '' };
    const pod = await PlayedPod.start(objects, ['Deployment', 'manycast-signaling'], {
      httpUrl,
      env: { ...env, ...own },
    });
    pods.push(pod);
    service.add(pod);
    return pod;
  }
  const pick = () => `${service.pick().place.httpUrl.replace('http', 'ws')}/one2many`;

  beforeAll(async () => {
    objects = await renderKustomization('base');
    [redis, media] = await Promise.all([startRedisServer(), startEmbeddedMedia()]);
    const { httpUrl, env } = await place();
    controller = await PlayedPod.start(objects, ['Deployment', 'manycast-controller'], {
      httpUrl,
      env: {
        ...env,
        MANYCAST_ADMIN_TOKENS_FILE: '',
        MANYCAST_ADMIN_HOST: '127.0.0.1',
        MANYCAST_ADMIN_PORT: '0',
      },
    });
    const { minReplicas } = named(objects, 'HorizontalPodAutoscaler', 'manycast-signaling')?.spec ?? {};
    for (let count = 0; count < minReplicas; count += 1) await startNode();
    await waitFor('all nodes to be ready', () => pods.every(pod => service.has(pod)), { timeoutMs: 60_000 });
  });
  afterAll(async () => {
    for (const client of clients) client.end();
    service.stop();
    await Promise.all([...pods, controller].map(pod => pod?.process.stop()));
    await media?.stop();
    await redis?.stop();
  });

  it('[R-NODE-1] loses no session, refuses no join and kills no node', async () => {
    const { strategy } = (
      named(objects, 'Deployment', 'manycast-signaling') as Workload & { spec: { strategy: unknown } }
    ).spec as { strategy: { rollingUpdate: object } };
    expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });

    for (let room = 0; room < ROOMS; room += 1) {
      clients.push(await FollowingClient.join('presenter', `room-${room}`, pick));
      for (let viewer = 0; viewer < VIEWERS; viewer += 1)
        clients.push(await FollowingClient.join('viewer', `room-${room}`, pick));
    }
    const [before] = [[...clients]];
    const sessions = before.map(({ session }) => session);
    const viewers = before.filter(({ client }) => client.role === 'viewer');
    for (const { client } of viewers) client.media.longestGapMs = 0;

    // Others come while it is under way.
    const rollingOut = new AbortController();
    const refused: string[] = [];
    let joined = 0;
    const arriving = (async () => {
      while (!rollingOut.signal.aborted) {
        await FollowingClient.join('viewer', `room-${joined % ROOMS}`, pick).then(
          client => {
            joined += 1;
            clients.push(client);
          },
          error => refused.push(String(error)),
        );
        await pause(500);
      }
    })();

    const ends = [];
    for (const old of [...pods]) {
      const fresh = await startNode();
      await waitFor('the new node to be ready', () => service.has(fresh), { timeoutMs: 60_000 });
      ends.push(await old.terminate());
    }
    rollingOut.abort();
    await arriving;

    await waitFor('every client to be back', () => clients.every(({ client }) => client.hasOpenSocket), {
      timeoutMs: 20_000,
    });
    for (const { client } of clients.filter(each => each.client.role === 'viewer'))
      await client.media.untilReceived(10);
    const gapMs = Math.max(...viewers.map(({ client }) => client.media.longestGapMs));
    const lost = clients.filter(({ faults, client }) => faults.length > 0 || !client.hasOpenSocket);
    printFigure(
      'rolling update of signaling',
      `${sessions.length} sessions, ${joined} joined meanwhile, lost ${lost.length}, refused ${refused.length}, ` +
        `moves ${clients.reduce((sum, { moves }) => sum + moves, 0)}, renegotiated ${clients.reduce((sum, each) => sum + each.renegotiations, 0)}, ` +
        `longest frame gap ${Math.round(gapMs)} ms, nodes ended after ${ends.map(({ tookMs }) => `${(tookMs / 1_000).toFixed(1)} s`).join(' and ')}`,
    );
    expect(lost.flatMap(({ faults }) => faults)).toEqual([]);
    expect(refused).toEqual([]);
    expect(joined).toBeGreaterThan(3);
    expect(before.map(({ session }) => session)).toEqual(sessions);
    expect(clients.map(each => each.renegotiations)).toEqual(clients.map(() => 0));
    for (const { exit, isKilled } of ends) {
      expect(isKilled).toBe(false);
      expect(exit).toEqual({ code: 0, signal: null });
    }
  });
});
