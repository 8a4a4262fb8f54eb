import { describe, expect, vi } from 'vitest';
import { neverWithin } from '../support/wait-for.js';
import { type KmsCase, kmsCase, needsShortPeriod } from './kms-case.js';

// Every case here waits for the collector, and none needs the processor meanwhile.
vi.setConfig({ maxConcurrency: 20, testTimeout: 60_000 });

/** A timer of the server, a round trip and an event lie between a collection and our seeing it. */
const SLACK_MS = 1_000;

/** Long enough that whatever nothing keeps alive is gone. */
const longPast = (kms: KmsCase) => 2 * kms.periodMs + SLACK_MS;

describe.concurrent('collection', () => {
  for (const how of ['drop', 'close'] as const) {
    const title = how === 'drop' ? 'a dropped control socket' : 'a control socket that closes in order';
    kmsCase(
      `${title} releases nothing at once; its session goes one to two periods later`,
      async ({ kms, task, skip }) => {
        needsShortPeriod(kms, { task, skip });
        const watch = await kms.watch();
        const session = await kms.session();
        const pipeline = await session.createPipeline();
        const endpoint = await session.createEndpoint(pipeline);
        await session.socket[how]();
        const diedAt = performance.now();
        await watch.untilDestroyed(pipeline, longPast(kms));
        const tookMs = performance.now() - diedAt;
        await watch.untilDestroyed(endpoint, 1_000);
        expect(tookMs).toBeGreaterThanOrEqual(kms.periodMs - 100);
        expect(tookMs).toBeLessThanOrEqual(2 * kms.periodMs + SLACK_MS);
      },
    );
  }

  kmsCase(
    'within that window another socket can take the session over, and nothing is lost',
    async ({ kms, task, skip }) => {
      needsShortPeriod(kms, { task, skip });
      const watch = await kms.watch();
      const session = await kms.session();
      const pipeline = await session.createPipeline();
      const endpoint = await session.createEndpoint(pipeline);
      await session.drop();
      await neverWithin('the pipeline goes', kms.periodMs * 0.75, () => watch.isDestroyed(pipeline));
      const taken = await kms.session(session.id);
      await neverWithin('the endpoint goes', longPast(kms), () => watch.isDestroyed(endpoint));
      expect(await taken.invoke(pipeline, 'getChildren')).toEqual([endpoint]);
    },
  );

  kmsCase(
    'an open socket keeps its session alive without any traffic, and is sent no WebSocket ping',
    async ({ kms, task, skip }) => {
      needsShortPeriod(kms, { task, skip });
      const watch = await kms.watch();
      const session = await kms.session();
      const pipeline = await session.createPipeline();
      let pings = 0;
      session.socket.ws.on('ping', () => pings++);
      await neverWithin('the pipeline goes', longPast(kms), () => watch.isDestroyed(pipeline));
      expect((await session.describe(pipeline)).type).toBe('MediaPipeline');
      expect(pings).toBe(0);
    },
  );

  kmsCase('a client that stops reading holds its session all the same', async ({ kms, task, skip }) => {
    needsShortPeriod(kms, { task, skip });
    const watch = await kms.watch();
    const session = await kms.session();
    const pipeline = await session.createPipeline();
    session.socket.ws.pause();
    await neverWithin('the pipeline goes', longPast(kms), () => watch.isDestroyed(pipeline));
    session.socket.ws.resume();
  });

  kmsCase('after its collection connect refuses the session with 40007', async ({ kms, task, skip }) => {
    needsShortPeriod(kms, { task, skip });
    const watch = await kms.watch();
    const session = await kms.session();
    const pipeline = await session.createPipeline();
    await session.drop();
    await watch.untilDestroyed(pipeline, longPast(kms));
    const reply = await (await kms.socket()).request('connect', { sessionId: session.id });
    expect(reply.error).toMatchObject({ code: 40007 });
  });

  kmsCase(
    'a create that names a collected session silently makes a new one of that name',
    async ({ kms, task, skip }) => {
      needsShortPeriod(kms, { task, skip });
      const watch = await kms.watch();
      const session = await kms.session();
      const pipeline = await session.createPipeline();
      await session.drop();
      await watch.untilDestroyed(pipeline, longPast(kms));
      const reborn = await (await kms.socket()).call('create', {
        type: 'MediaPipeline',
        sessionId: session.id,
      });
      expect(reborn.sessionId).toBe(session.id);
      expect((await kms.session(session.id)).id).toBe(session.id);
    },
  );

  kmsCase(
    'who touches only the pipeline of a dead session adopts an empty one',
    async ({ kms, task, skip }) => {
      needsShortPeriod(kms, { task, skip });
      const watch = await kms.watch();
      const [dying, heir] = [await kms.session(), await kms.session()];
      const pipeline = await dying.createPipeline();
      const endpoint = await dying.createEndpoint(pipeline);
      await dying.drop();
      await heir.ref(pipeline);
      await watch.untilDestroyed(endpoint, longPast(kms));
      expect(await heir.invoke(pipeline, 'getChildren')).toEqual([]);
    },
  );

  kmsCase('who touches every endpoint by its id adopts the room', async ({ kms, task, skip }) => {
    needsShortPeriod(kms, { task, skip });
    const watch = await kms.watch();
    const [dying, heir] = [await kms.session(), await kms.session()];
    const pipeline = await dying.createPipeline();
    const endpoints = [await dying.createEndpoint(pipeline), await dying.createEndpoint(pipeline)];
    await dying.drop();
    for (const endpoint of endpoints) await heir.describe(endpoint);
    await neverWithin('an endpoint goes', longPast(kms), () =>
      endpoints.some(object => watch.isDestroyed(object)),
    );
    expect((await heir.invoke(pipeline, 'getChildren')).sort()).toEqual(endpoints.sort());
  });

  kmsCase(
    'a guardian of the pipeline keeps later endpoints past the collection of their maker',
    async ({ kms, task, skip }) => {
      needsShortPeriod(kms, { task, skip });
      const watch = await kms.watch();
      const [maker, guardian] = [await kms.session(), await kms.session()];
      const pipeline = await maker.createPipeline();
      await guardian.ref(pipeline);
      const endpoint = await maker.createEndpoint(pipeline);
      await maker.drop();
      await neverWithin('the endpoint goes', longPast(kms), () => watch.isDestroyed(endpoint));
      expect(await guardian.invoke(pipeline, 'getChildren')).toEqual([endpoint]);
    },
  );

  for (const [name, frame] of Object.entries({
    'bad JSON': '{bad json',
    'an array': '[]',
    'an empty frame': '',
    'params that are an array': '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}',
  })) {
    kmsCase(
      `${name} drops the socket without a reply; real server: it pins the session for ever`,
      async ({ kms, task, skip }) => {
        needsShortPeriod(kms, { task, skip });
        const watch = await kms.watch();
        const session = await kms.session();
        const pipeline = await session.createPipeline();
        const repliesBefore = session.socket.replies.length;
        session.socket.sendFrame(frame);
        await session.socket.closed;
        expect(session.socket.replies).toHaveLength(repliesBefore);
        if (!kms.isReal) {
          await watch.untilDestroyed(pipeline, longPast(kms));
          return;
        }
        await neverWithin('the pinned pipeline goes', longPast(kms), () => watch.isDestroyed(pipeline));
        await (await kms.session(session.id)).drop();
        await watch.untilDestroyed(pipeline, longPast(kms));
      },
    );
  }
});

// One after another, and beside nothing else: on a real server this call holds whatever is alive at the moment.
describe('getPipelines', () => {
  kmsCase(
    'references no object; real server: every live one, which outlives the session that made it',
    async ({ kms }) => {
      const watch = await kms.watch();
      const [owner, poller] = [await kms.session(), await kms.session()];
      const pipeline = await owner.createPipeline();
      expect(await poller.invoke('manager_ServerManager', 'getPipelines')).toContain(pipeline);
      await owner.call('closeSession');
      if (kms.isReal) await neverWithin('the pipeline goes', 1_000, () => watch.isDestroyed(pipeline));
      else await watch.untilDestroyed(pipeline, 1_000);
    },
  );

  kmsCase(
    'polled, it keeps no dead room alive; real server: it does, in the session ""',
    async ({ kms, task, skip }) => {
      needsShortPeriod(kms, { task, skip });
      const watch = await kms.watch();
      const [owner, poller] = [await kms.session(), await kms.session()];
      const pipeline = await owner.createPipeline();
      await owner.drop();
      const poll = setInterval(
        () => poller.invoke('manager_ServerManager', 'getPipelines').catch(() => undefined),
        kms.periodMs / 4,
      );
      kms.atEnd(() => clearInterval(poll));
      if (kms.isReal) {
        await neverWithin('the polled pipeline goes', longPast(kms), () => watch.isDestroyed(pipeline));
        clearInterval(poll);
      }
      await watch.untilDestroyed(pipeline, longPast(kms));
    },
  );
});
