import { createServer } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { startBuiltApp } from '../support/built-app.js';
import { freePort } from '../support/free-port.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';

describe('the health of a node', () => {
  const stage = new Stage({ nodes: 2, env: { MANYCAST_REDIS_TIMEOUT_MS: '1000' } });

  async function health(node: SignalingNode) {
    const [live, ready] = await Promise.all(
      ['/livez', '/readyz'].map(path => fetch(`${node.httpUrl}${path}`)),
    );
    return { live: live?.status, ready: ready?.status, problems: (await ready?.json())?.problems };
  }
  async function untilHealth(expected: object) {
    for (const node of stage.cluster.nodes) {
      await waitFor(
        `${node.nodeId} to be ${JSON.stringify(expected)}`,
        async () => {
          expect(await health(node)).toMatchObject(expected);
          return true;
        },
        { timeoutMs: 10_000 },
      );
    }
  }
  const join = (room: string) => ({ id: 'viewer', sdpOffer: stage.offers.viewer, room });
  const present = (room: string) => ({ id: 'presenter', sdpOffer: stage.offers.presenter, room });

  afterEach(async () => {
    if (!stage.cluster.redis.process.isRunning()) await stage.cluster.redis.start();
    stage.cluster.redis.process.kill('SIGCONT');
    await untilHealth({ live: 200, ready: 200, problems: [] });
  });

  it('[R-NODE-2] readiness follows the media servers, liveness does not', async () => {
    await untilHealth({ live: 200, ready: 200 });
    const [media] = stage.cluster.media;
    media?.process.kill('SIGKILL');
    await media?.process.exited;
    await untilHealth({ live: 200, ready: 503, problems: ['mediaServer'] });
    await stage.restartMedia(0);
    await untilHealth({ live: 200, ready: 200 });
    await stage.servesFreshBroadcast();
  });

  it('[R-NODE-2] [R-REDIS-1] without Redis: not ready, alive; sockets and media go on; joins are answered at once', async () => {
    const { redis } = stage.cluster;
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewer = await stage.viewer(1, room);
    const idle = await stage.wire(1);

    await redis.kill();
    await untilHealth({ live: 200, ready: 503, problems: ['redis'] });
    await viewer.untilSeen(30);
    for (const [ask, answer] of [
      [present(stage.newRoom()), 'presenterResponse'],
      [join(room), 'viewerResponse'],
    ] as const) {
      const askedAt = performance.now();
      expect(await idle.ask(ask, answer)).toMatchObject({
        response: 'rejected',
        code: 'unavailable',
        message: expect.any(String),
        retryAfterMs: expect.any(Number),
      });
      expect(performance.now() - askedAt).toBeLessThan(500);
    }
    // Also on a socket whose attempt before cannot be ended for now.
    expect(await viewer.watch(room)).toMatchObject({ response: 'rejected', code: 'unavailable' });
    for (const { isOpen } of [presenter.wire, viewer.wire, idle]) expect(isOpen).toBe(true);

    await redis.start();
    await untilHealth({ live: 200, ready: 200 });
    await stage.servesFreshBroadcast();
    expect(await idle.ask(present(stage.newRoom()), 'presenterResponse')).toMatchObject({
      response: 'accepted',
    });
    presenter.stop();
    await stage.untilFigures({ sessions: 1, pipelines: 1, endpoints: 1 });
  });

  it('[R-REDIS-1] a presenter who stopped while Redis hung has stopped afterwards, and its viewers are told', async () => {
    const { redis } = stage.cluster;
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewer = await stage.viewer(1, room);
    redis.process.kill('SIGSTOP');
    await untilHealth({ live: 200, ready: 503, problems: ['redis'] });
    const idle = await stage.wire(1);
    expect(await idle.ask(join(room), 'viewerResponse')).toMatchObject({ code: 'unavailable' });
    presenter.stop();
    await stage.untilFigures({ sessions: 1 });
    redis.process.kill('SIGCONT');
    await viewer.wire.next('stopCommunication');
    await stage.untilFigures({ sessions: 0, pipelines: 0, endpoints: 0 });
    await stage.servesFreshBroadcast();
  });

  it('starts without Redis and without media servers, and serves when they come', async () => {
    const { cluster } = stage;
    const [media] = cluster.media;
    await cluster.redis.kill();
    media?.process.kill('SIGKILL');
    await media?.process.exited;
    const node = await cluster.addNode({}, '/livez');
    expect(await health(node)).toMatchObject({ live: 200, ready: 503, problems: ['redis', 'mediaServer'] });
    await Promise.all([cluster.redis.start(), cluster.restartMedia(0)]);
    await untilHealth({ live: 200, ready: 200 });
    await stage.servesFreshBroadcast();
    await cluster.removeNode(node);
  });

  it('/metrics shows what the node counts', async () => {
    await stage.servesFreshBroadcast();
    const text = await (await fetch(`${stage.node(0).httpUrl}/metrics`)).text();
    const names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    for (const name of [
      'manycast_sockets',
      'manycast_sessions',
      'manycast_joins_total',
      'manycast_join_duration_seconds',
      'manycast_message_errors_total',
      'manycast_socket_closes_total',
      'manycast_undo_retries_total',
      'manycast_media_requests_total',
      'manycast_media_request_duration_seconds',
      'manycast_media_links_up',
      'manycast_media_unknown_events_total',
      'process_resident_memory_bytes',
    ])
      expect(names, name).toContain(name);
    expect(text).not.toMatch(/room-\d/);
  });

  it('nothing but its pages, health and metrics is served, and no stack with them', async () => {
    const { httpUrl } = stage.node(0);
    for (const path of ['/%', '/..%2f..%2fpackage.json', '/metrics/x', '/%00', '/one2many']) {
      const response = await fetch(`${httpUrl}${path}`);
      expect(response.status, path).toBeGreaterThanOrEqual(400);
      expect(await response.text(), path).not.toMatch(/\bat \S+[:(]|node_modules/);
    }
  });
});

describe('a start that cannot succeed', () => {
  const start = (app: string, env: Record<string, string>) =>
    startBuiltApp({ app, env, ready: () => false, readyTimeoutMs: 10_000 });

  it('ends with 78 and every problem at once when the configuration is wrong', async () => {
    const failure = start('signaling', {
      MANYCAST_PORT: 'eighty',
      MANYCAST_MEDIA_SERVERS: 'http://not-a-websocket',
      MANYCAST_HEARTBEAT: '5',
    });
    await expect(failure).rejects.toThrow(
      /ended with code 78[\s\S]*6 problem[\s\S]*MANYCAST_HEARTBEAT: no such setting[\s\S]*MANYCAST_PORT[\s\S]*MANYCAST_REDIS_URL: is required[\s\S]*MANYCAST_MEDIA_SERVERS[\s\S]*MANYCAST_TOKEN_SECRET: is required[\s\S]*MANYCAST_OPEN: nobody could come in/,
    );
    await expect(start('embedded-media', { MANYCAST_PORT: '99999', MANYCAST_X: '1' })).rejects.toThrow(
      /ended with code 78[\s\S]*2 problem[\s\S]*MANYCAST_X[\s\S]*MANYCAST_PORT/,
    );
  });

  it('ends with 69 and one sentence when its port is taken', async () => {
    const port = await freePort();
    const taken = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void taken.close());
    const env = { MANYCAST_PORT: String(port), MANYCAST_HOST: '127.0.0.1', MANYCAST_LOG_LEVEL: 'silent' };
    const sentence = new RegExp(
      `ended with code 69\\nits last lines:\\nport ${port} is taken by another process$`,
    );
    await expect(
      start('signaling', {
        ...env,
        MANYCAST_TOKEN_SECRET: 'a secret for tests only',
        MANYCAST_OPEN: 'true',
        MANYCAST_REDIS_URL: 'redis://127.0.0.1:1',
        MANYCAST_MEDIA_SERVERS: 'ws://127.0.0.1:1/kurento',
      }),
    ).rejects.toThrow(sentence);
    await expect(start('embedded-media', env)).rejects.toThrow(sentence);
  });
});
