import { asEndpointId, type MediaServerUrl } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { describe, expect, it, vi } from 'vitest';
import { createKurentoMedia } from './index.js';
import { publishOrder } from './testing/broadcast.js';
import { failure, scriptedMedia, until } from './testing/scripted-media.js';
import { never, ScriptedServer } from './testing/scripted-server.js';

/** Some of these measure time: on a machine that stands still they may do it again. */
const patience = { timeout: 20_000, retry: 2 };

describe('a link', patience, () => {
  const stage = scriptedMedia();
  const isDown = () => stage.states.includes('down');

  it('[R-KMS-1] that goes silent without closing is noticed within 2 s', async () => {
    await stage.open();
    stage.server.answersPings = false;
    const silentSince = performance.now();
    await until('the silence to be noticed', isDown);
    expect(performance.now() - silentSince).toBeLessThan(2_000);
  });

  it('[R-KMS-1] that closes is noticed at once, and what is under way fails with it', async () => {
    await stage.open();
    stage.server.scripts.set('transaction', () => never);
    const joining = failure(stage.media.publish(publishOrder(stage.server.url)));
    await until('the join to be under way', () => stage.server.requestsOf('transaction').length === 1);
    const droppedAt = performance.now();
    stage.server.dropAll();
    expect(await joining).toMatchObject({ code: 'media-unavailable' });
    expect(performance.now() - droppedAt).toBeLessThan(200);
  });

  it('[R-KMS-1] with a request under way is down within 2 s too, when nothing else of the server lives', async () => {
    await stage.open();
    stage.server.scripts.set('transaction', () => never);
    stage.server.answersPings = false;
    const startedAt = performance.now();
    expect(await failure(stage.media.publish(publishOrder(stage.server.url)))).toMatchObject({
      code: 'media-unavailable',
    });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  // Kurento works a request off in the thread that reads the connection: its pong waits for that long.
  it('[R-KMS-1] that is silent because its server works on a slow request is not lost', async () => {
    await stage.open();
    stage.server.scripts.set('transaction', async (_, { socket }) => {
      stage.server.busySockets.add(socket);
      await new Promise(done => setTimeout(done, 2_500));
      stage.server.busySockets.delete(socket);
      return {
        value: Array.from({ length: 19 }, (_, index) => ({ id: index, result: { value: `v${index}` } })),
      };
    });
    await stage.media.publish(publishOrder(stage.server.url));
    expect(stage.server.sockets).toHaveLength(3);
  });

  it('that is busy for longer than any request may take is lost', async () => {
    await stage.open({ timings: { busySilenceMs: 2_000 } });
    stage.server.scripts.set('transaction', (_, { socket }) => {
      stage.server.busySockets.add(socket);
      return never;
    });
    const startedAt = performance.now();
    expect(await failure(stage.media.publish(publishOrder(stage.server.url)))).toMatchObject({
      code: 'media-unavailable',
      message: expect.stringContaining('silent'),
    });
    expect(performance.now() - startedAt).toBeGreaterThan(2_000);
  });

  it('that is down refuses at once and keeps nothing for later', async () => {
    await stage.open();
    await stage.server.stop();
    await until('the server to be seen down', isDown);
    const startedAt = performance.now();
    const calls = Array.from({ length: 200 }, () =>
      failure(stage.media.publish(publishOrder(stage.server.url))),
    );
    expect(new Set((await Promise.all(calls)).map(({ code }) => code))).toEqual(
      new Set(['media-unavailable']),
    );
    expect(performance.now() - startedAt).toBeLessThan(500);
    await stage.server.listen();
    await stage.linksAreUp(3);
    expect(stage.server.requestsOf('transaction')).toEqual([]);
  });

  it('takes its session up again, and never uses a request id twice in it', async () => {
    await stage.open();
    await stage.media.publish(publishOrder(stage.server.url));
    stage.server.dropAll();
    await until('the server to be up again', () => stage.states.includes('up'));
    await stage.linksAreUp(3);
    await stage.media.publish(publishOrder(stage.server.url));
    expect(stage.states).toEqual(['down', 'up']);

    const resumed = stage.server.requestsOf('connect').filter(request => request.socket > 2);
    expect(resumed).toHaveLength(3);
    for (const { params, id } of resumed) {
      const before = stage.server.requests.filter(
        request => request.socket < 3 && request.params.sessionId === params.sessionId,
      );
      expect(before.length).toBeGreaterThan(0);
      expect(id).toBeGreaterThan(Math.max(...before.map(request => request.id)));
    }
    const used = stage.server.requests.map(({ id, params }) => `${params.sessionId} ${id}`);
    expect(new Set(used).size).toBe(used.length);
  });

  // The reply was lost with the socket: asked again under the same id, the server tells what it had made.
  it('that died with a join under way learns what was made of it, and releases it', async () => {
    await stage.open();
    stage.server.scripts.set('transaction', () => never);
    const joining = failure(stage.media.publish(publishOrder(stage.server.url)));
    await until('the join to be under way', () => stage.server.requestsOf('transaction').length === 1);
    stage.server.scripts.clear();
    stage.server.dropAll();
    expect(await joining).toMatchObject({ code: 'media-unavailable' });
    await until('what it made to be released', () => stage.server.released.length === 1);
    const [first, again] = stage.server.requestsOf('transaction');
    expect(again).toEqual({ ...first, socket: again?.socket });
    expect(stage.server.released[0]).toMatch(/MediaPipeline$/);
  });

  it('whose session the server forgot makes itself a new one and subscribes again', async () => {
    await stage.open();
    const order = publishOrder(stage.server.url);
    const { endpoint } = await stage.media.publish(order);
    const forgotten = [...stage.server.sessions];
    stage.server.sessions.clear();
    stage.server.dropAll();
    await until('the subscriptions', () => stage.server.requestsOf('transaction').length === 2);
    const again = stage.server.requestsOf('transaction')[1];
    expect(again && stage.server.operationsOf(again)).toEqual(Array(6).fill('subscribe'));
    expect(forgotten).not.toContain(again?.params.sessionId);
    stage.server.sendEvent(again?.socket as number, endpoint, 'IceGatheringDone');
    await until('an event', () => order.events.length === 1);
    expect(stage.states).toEqual(['down', 'up']);
  });

  it('tells of an endpoint that did not outlive its session', async () => {
    await stage.open();
    const order = publishOrder(stage.server.url);
    await stage.media.publish(order);
    const { ScriptedError } = await import('./testing/scripted-server.js');
    stage.server.scripts.set('subscribe', () => {
      throw new ScriptedError(40101);
    });
    stage.server.sessions.clear();
    stage.server.dropAll();
    await until('the event', () => order.events.length === 1);
    expect(order.events).toEqual([{ type: 'connection-state', state: 'disconnected' }]);
  });

  it('[R-KMS-3] to a restarted server says so: nothing is assumed to exist there', async () => {
    await stage.open();
    const order = publishOrder(stage.server.url);
    const { endpoint } = await stage.media.publish(order);
    const before = stage.server.serverId;
    await stage.server.restart();
    await until('the server to be up again', () => stage.states.includes('up'));
    await stage.linksAreUp(3);
    expect(stage.states).toEqual(['down', 'restarted', 'up']);
    expect((await stage.media.open(stage.server.url)).serverId).not.toBe(before);
    expect(stage.server.requestsOf('transaction')).toHaveLength(1);
    stage.server.sendEvent(3, endpoint, 'IceGatheringDone');
    await until('the event', async () => (await stage.metric('manycast_media_unknown_events_total')) === 1);
    expect(order.events).toEqual([]);
  });

  it('is lost after its retries, and another takes its place later', async () => {
    const log = createLogger({ name: 'test', level: 'silent' });
    const warn = vi.spyOn(log, 'warn');
    const losses = () =>
      warn.mock.calls.filter(([, message]) => message === 'link to media server lost').length;
    await stage.open({ log, timings: { retries: 3, reopenAfterMs: 300 } });
    const sockets = stage.server.sockets.length;
    await stage.server.stop();
    await until('all links to be lost', () => losses() === 3);
    await stage.server.listen();
    await stage.linksAreUp(3);
    expect(stage.states).toEqual(['down', 'up']);
    // Not the sessions of before: a lost link has given its own up.
    const resumed = stage.server.requestsOf('connect').filter(request => request.socket >= sockets);
    const old = stage.server.requestsOf('connect').filter(request => request.socket < sockets);
    expect(resumed.map(({ params }) => params.sessionId)).not.toContain(old[0]?.params.sessionId);
  });

  it('does without the filters module, but not without the elements', async () => {
    stage.server.modules = ['core', 'elements'];
    await stage.open();
    await stage.media.close();
    stage.server.modules = ['core', 'filters'];
    stage.media = createKurentoMedia({
      log: createLogger({ name: 'test', level: 'silent' }),
      linksPerServer: 1,
    });
    expect(await failure(stage.media.open(stage.server.url, { timeoutMs: 300 }))).toMatchObject({
      code: 'media-unavailable',
    });
    expect(stage.media.isUp(stage.server.url)).toBe(false);
  });

  it('that nobody answers fails its opening at the deadline and goes on trying', async () => {
    await stage.server.stop();
    stage.media = createKurentoMedia({
      log: createLogger({ name: 'test', level: 'silent' }),
      linksPerServer: 1,
      timings: { retryBaseMs: 20, retryMaxMs: 50 },
    });
    const opening = failure(stage.media.open(stage.server.url, { timeoutMs: 200 }));
    expect(await opening).toMatchObject({
      code: 'media-unavailable',
      message: expect.stringContaining('200 ms'),
    });
    await stage.server.listen();
    await until('the server to be up', () => stage.media.isUp(stage.server.url));
  });

  it('of the room that is stuck leaves the other rooms alone', async () => {
    await stage.open();
    const rooms = await import('@manycast/protocol').then(({ RoomName }) =>
      ['a', 'b', 'c', 'd', 'e', 'f'].map(name => RoomName.parse(name)),
    );
    for (const room of rooms) await stage.media.publish(publishOrder(stage.server.url, { room }));
    const socketOf = stage.server.requestsOf('transaction').map(({ socket }) => socket);
    expect(new Set(socketOf).size).toBe(2);
    for (const room of rooms) await stage.media.publish(publishOrder(stage.server.url, { room }));
    expect(
      stage.server
        .requestsOf('transaction')
        .slice(6)
        .map(({ socket }) => socket),
    ).toEqual(socketOf);
  });
});

describe('several servers', patience, () => {
  const stage = scriptedMedia();

  // In kurento-client the pings are one timer for all clients: only the first server gets them, and closing any
  // client stops them for all.
  it('are each watched, whoever else was closed', async () => {
    const other = await ScriptedServer.start();
    await stage.open();
    const engine = createKurentoMedia({
      log: createLogger({ name: 'test', level: 'silent' }),
      linksPerServer: 1,
    });
    try {
      await engine.open(other.url);
      await engine.open(stage.server.url);
      await stage.media.close();
      const downs: MediaServerUrl[] = [];
      engine.onLink(({ server, state }) => state === 'down' && downs.push(server));
      other.answersPings = false;
      await until('the first to be seen down', () => downs.includes(other.url), 5_000);
      expect(engine.isUp(stage.server.url)).toBe(true);
      stage.server.answersPings = false;
      await until('the second to be seen down', () => downs.includes(stage.server.url), 5_000);
      expect([...other.requestsOf('ping'), ...stage.server.requestsOf('ping')]).toEqual([]);
    } finally {
      await engine.close();
      await other.stop();
    }
  });

  it('leave no timer and no socket behind when they are closed', async () => {
    const living = () =>
      process.getActiveResourcesInfo().filter(name => name === 'Timeout' || name === 'TCPSocketWrap');
    const other = await ScriptedServer.start();
    // What the test itself keeps alive: its own timeout and the two servers.
    const before = living().length;
    await stage.open();
    await stage.media.open(other.url);
    stage.server.scripts.set('transaction', () => never);
    const joining = failure(stage.media.publish(publishOrder(stage.server.url)));
    await stage.media.addIceCandidate(
      { server: other.url, endpoint: asEndpointId('endpoint') },
      { candidate: 'candidate:1', sdpMid: null, sdpMLineIndex: null },
    );
    expect(living().length).toBeGreaterThan(before);
    await stage.media.close();
    expect(await joining).toMatchObject({ code: 'media-unavailable' });
    await other.stop();
    await stage.server.stop();
    await until('everything to be gone', () => living().length <= before, 1_000);
  });

  it('do not change every Error of the process', () => {
    expect('toJSON' in Error.prototype).toBe(false);
  });
});
