import { RoomName } from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { describe, expect, it } from 'vitest';
import { createKurentoMedia } from './index.js';
import { publishOrder } from './testing/broadcast.js';
import { failure, scriptedMedia, until } from './testing/scripted-media.js';
import { never } from './testing/scripted-server.js';

/** For what measures time: on a machine that stands still it may do so again. */
const measuring = { retry: 2 };

describe('a link', { timeout: 20_000 }, () => {
  const stage = scriptedMedia();
  const isDown = () => stage.states.includes('down');

  it('[R-KMS-1] that goes silent without closing is noticed within 2 s', measuring, async () => {
    await stage.open();
    stage.server.answersPings = false;
    const silentSince = performance.now();
    await until('the silence to be noticed', isDown);
    expect(performance.now() - silentSince).toBeLessThan(2_000);
  });

  it('[R-KMS-1] that closes is noticed at once, and what is under way fails with it', measuring, async () => {
    await stage.open();
    stage.server.scripts.set('transaction', () => never);
    const joining = failure(stage.media.publish(publishOrder(stage.server.url)));
    await until('the join to be under way', () => stage.server.requestsOf('transaction').length === 1);
    const droppedAt = performance.now();
    stage.server.dropAll();
    expect(await joining).toMatchObject({ code: 'media-unavailable' });
    expect(performance.now() - droppedAt).toBeLessThan(200);
  });

  it(
    '[R-KMS-1] with a request under way is down within 2 s too, when nothing else of the server lives',
    measuring,
    async () => {
      await stage.open();
      stage.server.scripts.set('transaction', () => never);
      stage.server.answersPings = false;
      const startedAt = performance.now();
      expect(await failure(stage.media.publish(publishOrder(stage.server.url)))).toMatchObject({
        code: 'media-unavailable',
      });
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    },
  );

  // Kurento works a request off in the thread that reads the connection: its pong waits for that long.
  it(
    '[R-KMS-1] that is silent because its server works on a slow request is not lost',
    measuring,
    async () => {
      await stage.open();
      const { busySockets, scripts } = stage.server;
      scripts.set('transaction', async (_, { socket }) => {
        busySockets.add(socket);
        await new Promise(done => setTimeout(done, 2_500));
        busySockets.delete(socket);
        return {
          value: Array.from({ length: 21 }, (_, index) => ({ id: index, result: { value: `v${index}` } })),
        };
      });
      await stage.media.publish(publishOrder(stage.server.url));
      expect(stage.server.sockets).toHaveLength(3);
    },
  );

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

  it('[R-KMS-3] that waits before it tries again does not, once the server is heard', async () => {
    const hourMs = 3_600_000;
    await stage.open({ timings: { retryBaseMs: hourMs, retryMaxMs: hourMs } });
    await stage.server.stop();
    await until('the server to be seen down', isDown);
    await stage.server.listen();
    stage.media.probe.watch(stage.server.url);
    await stage.linksAreUp(3);
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
    const rooms = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => RoomName.parse(name));
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

  it('is not lost because this process stood still for a while', async () => {
    await stage.open();
    await until('every link to have been watched for a while', () => stage.server.pings >= 9);
    // Nobody reads or writes meanwhile, and between the two only timers run.
    for (const _ of [1, 2]) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
      await new Promise(done => setTimeout(done, 0));
    }
    const before = stage.server.pings;
    await until('the links to be judged', () => stage.server.pings >= before + 3);
    expect(stage.states).toEqual([]);
  });

  it('survives a listener that throws', async () => {
    await stage.open();
    stage.media.onLink(() => {
      throw new Error('a bug of the listener');
    });
    stage.server.dropAll();
    await until('the server to be up again', () => stage.states.includes('up'));
    await stage.linksAreUp(3);
    expect(stage.states).toEqual(['down', 'up']);
  });
});
