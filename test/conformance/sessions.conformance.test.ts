import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { startEmbeddedMedia } from '../support/embedded-media.js';
import { KurentoSession } from '../support/kurento-session.js';
import { waitFor } from '../support/wait-for.js';
import { kmsCase, notRun } from './kms-case.js';

describe.concurrent('sessions', () => {
  kmsCase('connect answers a new session id and the id of the server', async ({ kms }) => {
    const [one, two] = [await kms.session(), await kms.session()];
    expect(one.id).toMatch(/\S+/);
    expect(two.id).not.toBe(one.id);
    expect(one.serverId).toMatch(/\S+/);
    expect(two.serverId).toBe(one.serverId);
  });

  kmsCase('a socket that never called connect still has a session, and stays in it', async ({ kms }) => {
    const socket = await kms.socket();
    const pipeline = await socket.call('create', { type: 'MediaPipeline' });
    expect(pipeline.sessionId).toMatch(/\S+/);
    const tags = await socket.call('invoke', { object: pipeline.value, operation: 'getTags' });
    expect(tags.sessionId).toBe(pipeline.sessionId);
  });

  kmsCase('clients may choose session ids: a create that names an invented one makes it', async ({ kms }) => {
    const sessionId = `invented-${randomUUID()}`;
    const created = await (await kms.socket()).call('create', { type: 'MediaPipeline', sessionId });
    expect(created.sessionId).toBe(sessionId);
    expect((await kms.session(sessionId)).id).toBe(sessionId);
  });

  kmsCase('a create that names a closed session silently makes a new one of that name', async ({ kms }) => {
    const session = await kms.session();
    const first = await session.createPipeline();
    await session.call('closeSession');
    const second = await session.createPipeline();
    expect(second).not.toBe(first);
    expect((await kms.session(session.id)).id).toBe(session.id);
  });

  kmsCase('connect to a session that nobody made is refused with 40007', async ({ kms }) => {
    const reply = await (await kms.socket()).request('connect', { sessionId: `unknown-${randomUUID()}` });
    expect(reply.error).toMatchObject({ code: 40007 });
  });

  kmsCase('a session that has touched no object is unknown to connect: 40007', async ({ kms }) => {
    const idle = await kms.session();
    const reply = await (await kms.socket()).request('connect', { sessionId: idle.id });
    expect(reply.error).toMatchObject({ code: 40007 });
  });

  kmsCase(
    'connect with a session id on a new socket takes the session over under the same id',
    async ({ kms }) => {
      const old = await kms.session();
      await old.createPipeline();
      const taken = await kms.session(old.id);
      expect([taken.id, taken.serverId]).toEqual([old.id, old.serverId]);
    },
  );

  kmsCase('after a take-over old subscriptions deliver to the new socket only', async ({ kms }) => {
    const old = await kms.session();
    await old.createPipeline();
    await old.subscribe('manager_ServerManager', 'ObjectCreated');
    const taken = await kms.session(old.id);
    const pipeline = await (await kms.session()).createPipeline();
    await taken.socket.event('ObjectCreated', undefined, ({ object }) => object === pipeline);
    expect(old.socket.events('ObjectCreated').filter(({ object }) => object === pipeline)).toEqual([]);
  });

  kmsCase('the old socket of a session that was taken over is not closed', async ({ kms }) => {
    const old = await kms.session();
    await old.createPipeline();
    await kms.session(old.id);
    expect((await old.socket.call('ping')).value).toBe('pong');
    expect(old.socket.isOpen).toBe(true);
  });

  for (const method of ['ping', 'getTags']) {
    kmsCase(`the last sender owns the session: ${method} that names it rebinds it`, async ({ kms }) => {
      const old = await kms.session();
      const own = await old.createPipeline();
      await old.subscribe('manager_ServerManager', 'ObjectCreated');
      await kms.session(old.id);
      if (method === 'ping') await old.call('ping');
      else await old.invoke(own, method);
      const pipeline = await (await kms.session()).createPipeline();
      await old.socket.event('ObjectCreated', undefined, ({ object }) => object === pipeline);
    });
  }

  kmsCase('events fired while no socket is bound are lost, not queued', async ({ kms }) => {
    const old = await kms.session();
    await old.createPipeline();
    await old.subscribe('manager_ServerManager', 'ObjectCreated');
    const watch = await kms.watch();
    const other = await kms.session();
    await old.drop();
    const missed = await other.createPipeline();
    await waitFor('the event elsewhere', () => watch.isCreated(missed));
    const taken = await kms.session(old.id);
    const seen = await other.createPipeline();
    await taken.socket.event('ObjectCreated', undefined, ({ object }) => object === seen);
    expect(taken.socket.events('ObjectCreated').map(({ object }) => object)).not.toContain(missed);
  });

  kmsCase('ping is answered pong without a session, with one, and with an unknown one', async ({ kms }) => {
    expect((await (await kms.socket()).call('ping')).value).toBe('pong');
    expect((await (await kms.socket()).call('ping', { sessionId: `unknown-${randomUUID()}` })).value).toBe(
      'pong',
    );
    expect(await (await kms.session()).call('ping', { interval: 1 })).toMatchObject({ value: 'pong' });
  });

  kmsCase(
    'closeSession: objects that only this session holds go at once, shared ones stay',
    async ({ kms }) => {
      const watch = await kms.watch();
      const [owner, other] = [await kms.session(), await kms.session()];
      const [own, shared] = [await owner.createPipeline(), await owner.createPipeline()];
      await other.ref(shared);
      await owner.call('closeSession');
      await watch.untilDestroyed(own, 1_000);
      expect((await other.describe(shared)).type).toBe('MediaPipeline');
    },
  );

  kmsCase('closeSession with release takes shared objects too', async ({ kms }) => {
    const watch = await kms.watch();
    const [owner, other] = [await kms.session(), await kms.session()];
    const shared = await owner.createPipeline();
    await other.ref(shared);
    await owner.call('closeSession', { release: true });
    await watch.untilDestroyed(shared, 1_000);
    expect((await other.request('describe', { object: shared })).error).toMatchObject({ code: 40101 });
  });

  kmsCase('closeSession without params closes the session of the socket', async ({ kms }) => {
    const watch = await kms.watch();
    const session = await kms.session();
    const pipeline = await session.createPipeline();
    await session.socket.call('closeSession');
    await watch.untilDestroyed(pipeline, 1_000);
  });

  kmsCase('closeSession of an unknown session answers success, also twice', async ({ kms }) => {
    const socket = await kms.socket();
    const sessionId = `unknown-${randomUUID()}`;
    for (const _ of [1, 2])
      expect((await socket.request('closeSession', { sessionId })).error).toBeUndefined();
  });

  kmsCase('a restarted server has a new serverId, no session and no object', async ({ kms, task, skip }) => {
    if (kms.isReal) notRun({ task, skip }, 'this suite does not restart a server that it did not start');
    const before = await startEmbeddedMedia();
    kms.atEnd(() => before.stop());
    const session = await KurentoSession.open(before.url);
    const pipeline = await session.createPipeline();
    await before.stop();
    const after = await startEmbeddedMedia({ port: before.port });
    kms.atEnd(() => after.stop());
    const next = await KurentoSession.open(after.url);
    expect(next.serverId).not.toBe(session.serverId);
    expect((await next.socket.request('connect', { sessionId: session.id })).error).toMatchObject({
      code: 40007,
    });
    expect((await next.request('describe', { object: pipeline })).error).toMatchObject({ code: 40101 });
    await next.socket.close();
  });
});
