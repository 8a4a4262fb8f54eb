import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameServer } from '../../apps/controller/src/testing/name-server.js';
import { type KubeObject, named, type Workload } from '../manifests/kube-object.js';
import { renderKustomization } from '../manifests/kustomization.js';
import { AdminClient } from '../support/admin-client.js';
import { openStores } from '../support/cluster-stores.js';
import { printFigure } from '../support/figures.js';
import { freePort } from '../support/free-port.js';
import type { Json } from '../support/kurento-rpc.js';
import { printLogOnFailure } from '../support/print-log-on-failure.js';
import { type PrivateRedis, startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';
import { FollowingClient } from './following-client.js';
import { PlayedMediaServers } from './played-media-servers.js';
import { PlayedPod } from './played-pod.js';
import { ServiceEndpoints } from './service-endpoints.js';

const VIEWERS = 3;
const drainToken = 'token-of-the-drain-script';
/** What the base's MANYCAST_MEDIA_DNS is in the namespace that a test plays in. */
const record = '_control._tcp.manycast-media.default.svc.cluster.local';

describe('the pool scaled up and down, played with the manifests’ own commands, probes and grace periods', () => {
  let objects: KubeObject[];
  let redis: PrivateRedis;
  let stores: Awaited<ReturnType<typeof openStores>>;
  let media: PlayedMediaServers;
  let dns: Awaited<ReturnType<typeof nameServer>>;
  let admin: AdminClient;
  const folder = mkdtempSync(join(tmpdir(), 'manycast-played-'));
  const service = new ServiceEndpoints();
  const pods: PlayedPod[] = [];
  const clients: FollowingClient[] = [];
  printLogOnFailure(() => pods.map(({ process }) => process));

  const place = async (env: Record<string, string>) => {
    const port = await freePort();
    return {
      httpUrl: `http://127.0.0.1:${port}`,
      env: {
        ...{ MANYCAST_HOST: '127.0.0.1', MANYCAST_PORT: String(port), MANYCAST_REDIS_URL: redis.url },
        ...{ MANYCAST_LOG_LEVEL: 'warn', ...env },
      },
    };
  };
  const start = async (name: string, env: Record<string, string>) => {
    const pod = await PlayedPod.start(objects, ['Deployment', name], await place(env));
    pods.push(pod);
    return pod;
  };
  const pick = () => `${service.pick().place.httpUrl.replace('http', 'ws')}/one2many`;
  const servers = async (): Promise<Json[]> => (await admin.get('/servers')).servers;
  const untilServers = (what: string, isSo: (found: Json[]) => boolean) =>
    waitFor(what, async () => isSo(await servers()), { timeoutMs: 60_000, actual: servers });
  const joins = async (role: 'presenter' | 'viewer', room: string) => {
    const client = await FollowingClient.join(role, room, pick);
    clients.push(client);
    return client;
  };
  const fillRoom = async (room: string) => {
    await joins('presenter', room);
    for (let viewer = 0; viewer < VIEWERS; viewer += 1) await joins('viewer', room);
  };

  beforeAll(async () => {
    objects = await renderKustomization('base');
    [redis, dns] = await Promise.all([startRedisServer(), nameServer()]);
    stores = await openStores(redis.url);
    const tokens = join(folder, 'tokens');
    writeFileSync(tokens, `write drain ${drainToken}\n`);
    const adminPorts: number[] = [];
    const { replicas = 1 } = (named(objects, 'Deployment', 'manycast-controller') as Workload).spec;
    for (let count = 0; count < replicas; count += 1) adminPorts.push(await freePort());
    media = new PlayedMediaServers({
      ...{ objects, dns, record, drainToken },
      // The Service in front of the controllers takes any of them.
      admin: () => `http://127.0.0.1:${adminPorts[Math.floor(Math.random() * adminPorts.length)]}`,
    });
    admin = new AdminClient(`http://127.0.0.1:${adminPorts[0]}`, drainToken);
    const starting = adminPorts.map(port =>
      start('manycast-controller', {
        MANYCAST_ADMIN_TOKENS_FILE: tokens,
        MANYCAST_ADMIN_HOST: '127.0.0.1',
        MANYCAST_ADMIN_PORT: String(port),
        MANYCAST_DNS_SERVERS: dns.address,
      }),
    );
    await media.scale(media.set.spec.replicas ?? 1);
    await Promise.all(starting);
    const { minReplicas } = named(objects, 'HorizontalPodAutoscaler', 'manycast-signaling')?.spec ?? {};
    for (let count = 0; count < minReplicas; count += 1)
      service.add(await start('manycast-signaling', { MANYCAST_OPEN: 'true', MANYCAST_JOIN_SECRET: '' }));
    await waitFor('a node to be ready', () => pods.some(pod => service.has(pod)), { timeoutMs: 60_000 });
  });
  afterAll(async () => {
    for (const client of clients) client.end();
    service.stop();
    stores?.close();
    await Promise.all(pods.map(pod => pod.process.stop()));
    await media?.stop();
    dns?.close();
    await redis?.stop();
    rmSync(folder, { recursive: true });
  });

  it('[R-KMS-4] loses no session, refuses no join and kills no media server', async () => {
    const areUp = (count: number) => (found: Json[]) =>
      found.length === count && found.every(({ state }) => state === 'up');
    await untilServers('both media servers to be found by DNS', areUp(2));
    for (const room of ['first', 'second']) await fillRoom(room);

    // kubectl scale statefulset/manycast-media --replicas=3
    await media.scale(3);
    await untilServers('the third one to be found', areUp(3));
    for (const room of ['third', 'fourth']) await fillRoom(room);
    expect(Math.min(...(await servers()).map(({ rooms }) => rooms))).toBeGreaterThan(0);

    const before = [...clients];
    const sessions = before.map(({ session }) => session);
    const shrinking = new AbortController();
    const refused: string[] = [];
    let joined = 0;
    const arriving = (async () => {
      while (!shrinking.signal.aborted) {
        await joins('viewer', ['first', 'second', 'third', 'fourth'][joined % 4] as string).then(
          () => (joined += 1),
          error => refused.push(String(error)),
        );
        await pause(500);
      }
    })();

    // … --replicas=1
    const startedAtMs = performance.now();
    const ends = await media.scale(1);
    const tookMs = performance.now() - startedAtMs;
    shrinking.abort();
    await arriving;
    const [left] = media.ids;

    for (const { client } of clients.filter(each => each.client.role === 'viewer'))
      await client.media.untilReceived(10, undefined, 30_000);
    const lost = clients.filter(({ faults, client }) => faults.length > 0 || !client.hasOpenSocket);
    printFigure(
      'scale-down of the pool from 3 to 1',
      `${sessions.length} sessions, ${joined} joined meanwhile, lost ${lost.length}, refused ${refused.length}, ` +
        `renegotiated ${clients.reduce((sum, each) => sum + each.renegotiations, 0)}, all moved and ended after ${(tookMs / 1_000).toFixed(1)} s ` +
        `of ${media.set.spec.template.spec.terminationGracePeriodSeconds} s of grace`,
    );
    expect(lost.flatMap(({ faults }) => faults)).toEqual([]);
    expect(refused).toEqual([]);
    expect(joined).toBeGreaterThan(0);
    // Moved while they played: a server that goes with rooms on it would be a lost one.
    const orders = clients.flatMap(({ client }) => client.orders).filter(({ id }) => id === 'renegotiate');
    expect(new Set(orders.map(({ reason }) => reason))).toEqual(new Set(['media-moved']));
    expect(before.map(({ session }) => session)).toEqual(sessions);
    for (const room of ['first', 'second', 'third', 'fourth']) {
      const view = await stores.rooms.read(room as never);
      expect(view.state).toBe('live');
      expect(view.media?.server).toContain(left);
      const here = clients.filter(({ client }) => client.room === room).map(({ session }) => session);
      expect([...view.sessions.keys()].sort()).toEqual(here.sort());
    }
    for (const { exit, isKilled } of ends) {
      expect(isKilled).toBe(false);
      expect(exit).toEqual({ code: 0, signal: null });
    }
    await untilServers('those that went to be forgotten', found => found.length === 1);

    // … --replicas=2: what comes again takes rooms.
    await media.scale(2);
    await untilServers('another one to be found', areUp(2));
    await fillRoom('fifth');
    const { media: place } = await stores.rooms.read('fifth' as never);
    expect(place?.server).toContain(media.ids[1]);
  });
});
