import { describe, expect } from 'vitest';
import type { KurentoSession } from '../support/kurento-session.js';
import { kmsCase } from './kms-case.js';

/** Each is said to take a reference for the caller's session. */
const TOUCHES: Record<string, (session: KurentoSession, object: string) => Promise<unknown>> = {
  describe: (session, object) => session.describe(object),
  invoke: (session, object) => session.invoke(object, 'getTags'),
  subscribe: (session, object) => session.subscribe(object, 'Error'),
  ref: (session, object) => session.ref(object),
};

describe.concurrent('references', () => {
  for (const [name, touch] of Object.entries(TOUCHES)) {
    kmsCase(`${name} takes a reference on the object and its parents`, async ({ kms }) => {
      const [owner, other] = [await kms.session(), await kms.session()];
      const pipeline = await owner.createPipeline();
      const endpoint = await owner.createEndpoint(pipeline);
      await touch(other, endpoint);
      await owner.call('closeSession');
      expect(await other.invoke(pipeline, 'getChildren')).toEqual([endpoint]);
      expect((await other.describe(endpoint)).type).toBe('WebRtcEndpoint');
    });

    kmsCase(`${name} takes no reference on the children: an empty pipeline is left`, async ({ kms }) => {
      const watch = await kms.watch();
      const [owner, other] = [await kms.session(), await kms.session()];
      const pipeline = await owner.createPipeline();
      const endpoint = await owner.createEndpoint(pipeline);
      await touch(other, pipeline);
      await owner.call('closeSession');
      await watch.untilDestroyed(endpoint);
      expect(await other.invoke(pipeline, 'getChildren')).toEqual([]);
    });
  }

  kmsCase('describe tells type, qualified type and ancestry', async ({ kms }) => {
    const session = await kms.session();
    const pipeline = await session.createPipeline();
    const endpoint = await session.createEndpoint(pipeline);
    expect(await session.describe(pipeline)).toMatchObject({
      type: 'MediaPipeline',
      qualifiedType: 'kurento.MediaPipeline',
      hierarchy: ['kurento.MediaObject'],
    });
    expect(await session.describe(endpoint)).toMatchObject({
      type: 'WebRtcEndpoint',
      qualifiedType: 'kurento.WebRtcEndpoint',
      hierarchy: expect.arrayContaining([
        'kurento.BaseRtpEndpoint',
        'kurento.MediaElement',
        'kurento.MediaObject',
      ]),
    });
  });

  kmsCase('a new child inherits every session that holds its pipeline at that moment', async ({ kms }) => {
    const [owner, guardian] = [await kms.session(), await kms.session()];
    const pipeline = await owner.createPipeline();
    await guardian.ref(pipeline);
    const endpoint = await owner.createEndpoint(pipeline);
    await owner.call('closeSession');
    expect(await guardian.invoke(pipeline, 'getChildren')).toEqual([endpoint]);
  });

  kmsCase('a guardian of the pipeline co-owns every later endpoint, whoever makes it', async ({ kms }) => {
    const [owner, guardian, viewer] = [await kms.session(), await kms.session(), await kms.session()];
    const pipeline = await owner.createPipeline();
    await guardian.ref(pipeline);
    const endpoints = [await owner.createEndpoint(pipeline), await viewer.createEndpoint(pipeline)];
    await owner.call('closeSession');
    await viewer.call('closeSession');
    expect((await guardian.invoke(pipeline, 'getChildren')).sort()).toEqual(endpoints.sort());
  });

  kmsCase('a session that comes later does not inherit the children that are there', async ({ kms }) => {
    const watch = await kms.watch();
    const [owner, guardian] = [await kms.session(), await kms.session()];
    const pipeline = await owner.createPipeline();
    const early = await owner.createEndpoint(pipeline);
    await guardian.ref(pipeline);
    const late = await owner.createEndpoint(pipeline);
    await owner.call('closeSession');
    await watch.untilDestroyed(early);
    expect(await guardian.invoke(pipeline, 'getChildren')).toEqual([late]);
  });

  kmsCase('an object dies when its last session lets go, not before', async ({ kms }) => {
    const watch = await kms.watch();
    const [owner, other] = [await kms.session(), await kms.session()];
    const pipeline = await owner.createPipeline();
    await other.ref(pipeline);
    await owner.unref(pipeline);
    expect((await other.describe(pipeline)).type).toBe('MediaPipeline');
    expect(watch.isDestroyed(pipeline)).toBe(false);
    await other.unref(pipeline);
    await watch.untilDestroyed(pipeline);
    expect((await other.request('describe', { object: pipeline })).error).toMatchObject({ code: 40101 });
  });

  kmsCase('release from any session ends the object at once, and its children', async ({ kms }) => {
    const watch = await kms.watch();
    const [owner, other, stranger] = [await kms.session(), await kms.session(), await kms.session()];
    const pipeline = await owner.createPipeline();
    const endpoint = await owner.createEndpoint(pipeline);
    await other.ref(endpoint);
    await stranger.release(pipeline);
    for (const object of [pipeline, endpoint]) {
      await watch.untilDestroyed(object);
      expect((await owner.request('describe', { object })).error).toMatchObject({ code: 40101 });
    }
  });

  kmsCase('release of one endpoint leaves its pipeline and its sisters', async ({ kms }) => {
    const session = await kms.session();
    const pipeline = await session.createPipeline();
    const [one, two] = [await session.createEndpoint(pipeline), await session.createEndpoint(pipeline)];
    await session.release(one);
    expect(await session.invoke(pipeline, 'getChildren')).toEqual([two]);
  });

  for (const method of ['release', 'unref', 'unsubscribe']) {
    kmsCase(`${method} of anything unknown answers success, also twice`, async ({ kms }) => {
      const session = await kms.session();
      const gone = await session.createPipeline();
      await session.release(gone);
      for (const object of [gone, gone, 'never-there_kurento.MediaPipeline']) {
        const reply = await session.request(method, { object, subscription: 'never-there' });
        expect(reply).toMatchObject({ result: { sessionId: session.id } });
      }
    });
  }

  kmsCase('ref of an unknown object is refused with 40101', async ({ kms }) => {
    const session = await kms.session();
    const reply = await session.request('ref', { object: 'never-there_kurento.MediaPipeline' });
    expect(reply.error).toMatchObject({ code: 40101 });
  });

  kmsCase('an unsubscribed event comes no more; another subscription to it goes on', async ({ kms }) => {
    const [one, two] = [await kms.session(), await kms.session()];
    const subscription = await one.subscribe('manager_ServerManager', 'ObjectCreated');
    await two.subscribe('manager_ServerManager', 'ObjectCreated');
    await one.unsubscribe('manager_ServerManager', subscription);
    const pipeline = await two.createPipeline();
    await two.socket.event('ObjectCreated', undefined, ({ object }) => object === pipeline);
    await one.call('ping');
    expect(one.socket.notifications).toEqual([]);
  });
});
