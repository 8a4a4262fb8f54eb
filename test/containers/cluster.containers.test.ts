import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readMetric } from '../support/metric.js';
import { TutorialPage } from '../support/tutorial-page.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';
import { type ClusterImages, ContainerCluster, type ContainerNode } from './container-cluster.js';
import { describeOnEngine } from './engine.js';
import { appImage, haproxyImage, imageObstacle } from './images.js';

/** Node with its libraries, code and production packages: nothing that only builds, and no system around it. */
const IMAGE_MB = 180;

/** Prints who the process is, and which files of the app's it could write, were the file system not read-only. */
const whatItMay = `
  const { lstatSync, readdirSync } = require('node:fs');
  const isWritable = file => { const { uid, gid, mode } = lstatSync(file);
    return uid === process.getuid() || (gid === process.getgid() && mode & 0o020) || (mode & 0o002) !== 0; };
  const files = readdirSync('/manycast', { recursive: true, withFileTypes: true })
    .filter(file => !file.isSymbolicLink()).map(file => file.path + '/' + file.name);
  console.log(JSON.stringify({ uid: process.getuid(), files: files.length, writable: files.filter(isWritable) }));`;

describeOnEngine('a cluster in containers', () => {
  let images: ClusterImages;
  let cluster: ContainerCluster;

  beforeAll(async () => {
    // One after the other: the next finds the installed packages of the first.
    images = {
      signaling: await appImage('signaling'),
      controller: await appImage('controller'),
      media: await appImage('embedded-media'),
    };
    for (const { name, sizeMb, baseSizeMb } of Object.values(images)) {
      process.stdout.write(`${name}: ${sizeMb} MB${baseSizeMb ? ` on a base of ${baseSizeMb} MB` : ''}\n`);
    }
    cluster = await ContainerCluster.start(images);
  });
  afterAll(async () => {
    await cluster?.stop();
  });

  it('is made of small images', () => {
    for (const { name, sizeMb } of Object.values(images)) expect(sizeMb, name).toBeLessThan(IMAGE_MB);
  });

  it('runs as a user that is not root, from files that it cannot write', async () => {
    for (const container of cluster.apps) {
      const may = JSON.parse((await container.exec(['node', '-e', whatItMay])).output);
      expect(may).toEqual({
        uid: 1000,
        files: expect.toSatisfy((count: number) => count > 100),
        writable: [],
      });
    }
  });

  it('has no shell, no package manager and no other program than Node', async () => {
    for (const container of cluster.apps)
      for (const program of ['/bin/sh', '/bin/bash', '/usr/bin/env', 'sh', 'ls', 'apt-get', 'npm'])
        expect((await container.exec([program, '--version'])).output, program).toMatch(
          /no such file|executable file not found/,
        );
  });

  it('serves the pages', async () => {
    const answer = await fetch(cluster.nodes[0].httpUrl);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    const script = (await answer.text()).match(/src="\.?(\/assets\/[^"]+\.js)"/)?.[1];
    expect((await fetch(`${cluster.nodes[1].httpUrl}${script}`)).status).toBe(200);
  });

  it('[R-ROOM-4] carries a broadcast from one node to a viewer on the other, and ends it', async context => {
    const room = 'containers';
    const [presenter, viewer] = await Promise.all(cluster.nodes.map(openPage));
    if (!presenter || !viewer) throw new Error('unreachable');
    try {
      expect(await presenter.present(room)).toMatchObject({ response: 'accepted' });
      expect(await viewer.watch(room)).toMatchObject({ response: 'accepted' });
      if (await isReachable(cluster.mediaUrl)) {
        await presenter.peer?.untilConnected();
        presenter.peer?.startSending();
        await viewer.untilSeen();
      } else {
        await context.annotate(`without media: ${cluster.mediaUrl} cannot be reached from this machine`);
      }
      presenter.stop();
      await viewer.wire.next('stopCommunication');
      await waitFor('no endpoint to be left', async () => (await endpointsIn(cluster.media)) === 0);
      expect([...presenter.faults, ...viewer.faults]).toEqual([]);
    } finally {
      await Promise.all([presenter.close(), viewer.close()]);
    }
  });

  it('[R-NODE-2] is alive and not ready while Redis is away, and ready again when it is back', async () => {
    const statusOf = (path: string) =>
      Promise.all(cluster.nodes.map(({ httpUrl }) => statusAt(`${httpUrl}${path}`)));
    await cluster.withoutRedis(async () => {
      await expect.poll(() => statusOf('/readyz'), { timeout: 20_000 }).toEqual([503, 503]);
      expect(await statusOf('/livez')).toEqual([200, 200]);
    });
    await expect.poll(() => statusOf('/readyz'), { timeout: 20_000 }).toEqual([200, 200]);
  });

  it('[R-REDIS-1] behind the proxy serves clients from every node and keeps them when Redis goes', async context => {
    const obstacle = await imageObstacle(haproxyImage);
    if (obstacle) context.skip(`${haproxyImage} cannot be had: ${obstacle}`);
    const proxy = await cluster.startProxy(haproxyImage);
    expect(await statusAt(`${proxy.httpUrl}/metrics`)).toBe(404);

    const pages: TutorialPage[] = [];
    const sockets = () =>
      Promise.all(cluster.nodes.map(({ httpUrl }) => readMetric(httpUrl, 'manycast_sockets')));
    try {
      const spread = await waitFor('clients on both nodes', async () => {
        pages.push(await openPage(proxy));
        const counts = await sockets();
        return counts.every(count => count > 0) && counts;
      });
      await cluster.withoutRedis(async () => {
        await expect.poll(() => statusAt(proxy.httpUrl), { timeout: 20_000 }).toBe(503);
        await Promise.all(pages.map(({ wire }) => wire.barrier()));
      });
      await expect.poll(() => statusAt(proxy.httpUrl), { timeout: 20_000 }).toBe(200);
      expect(await sockets()).toEqual(spread);
    } finally {
      await Promise.all(pages.map(page => page.close()));
    }
  });

  it('[R-KMS-4] knows its media server by DNS, and serves its operator the console and the admin API', async () => {
    const { admin } = cluster;
    expect(await admin.get('/servers')).toMatchObject({ servers: [{ state: 'up', sources: ['dns'] }] });
    expect((await admin.withToken('token-of-nobody').ask('GET', '/servers')).status).toBe(401);
    const page = await fetch(`${admin.url}/`);
    expect(await page.text()).toContain('Manycast operator');
  });

  it('is healthy by the images’ own checks', async () => {
    const client = await getContainerRuntimeClient();
    for (const started of cluster.apps) {
      const container = client.container.getById(started.getId());
      const health = async () => (await container.inspect()).State.Health?.Status;
      await expect.poll(health, { timeout: 30_000 }).toBe('healthy');
    }
  });

  it('[R-NODE-1] stops with exit code 0 when told to', async () => {
    const client = await getContainerRuntimeClient();
    for (const started of [cluster.nodes[1].container, cluster.controller, cluster.media]) {
      const container = client.container.getById(started.getId());
      await container.stop({ t: 20 });
      expect((await container.inspect()).State.ExitCode).toBe(0);
    }
  });
});

async function openPage(node: ContainerNode): Promise<TutorialPage> {
  return new TutorialPage(await WireClient.open(node.wsUrl('/one2many')));
}

function endpointsIn(media: StartedTestContainer): Promise<number> {
  const url = `http://${media.getHost()}:${media.getMappedPort(8888)}`;
  return readMetric(url, 'manycast_media_endpoints');
}

async function statusAt(url: string): Promise<number> {
  return (await fetch(url)).status;
}

async function isReachable(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  return answer?.ok ?? false;
}
