import { describe, expect } from 'vitest';
import type { KurentoSession, Operation } from '../support/kurento-session.js';
import { kmsCase } from './kms-case.js';
import { OFFER } from './sample-offer.js';

const create = (type: string, constructorParams: object = {}): Operation => ({
  method: 'create',
  params: { type, constructorParams },
});
const invoke = (object: string, operation: string, operationParams: object = {}): Operation => ({
  method: 'invoke',
  params: { object, operation, operationParams },
});
const subscribe = (object: string, type: string): Operation => ({
  method: 'subscribe',
  params: { object, type },
});

const numbered = (ids: unknown[]) =>
  ids.map(id => ({ id, jsonrpc: '2.0', method: 'create', params: { type: 'MediaPipeline' } }));

describe.concurrent('transactions', () => {
  kmsCase(
    'create, addTag, subscribe, processOffer and connect in one request; the answer is the fourth result',
    async ({ kms }) => {
      const session = await kms.session();
      const pipeline = await session.createPipeline();
      const source = await session.createEndpoint(pipeline);
      const replies = await session.transaction([
        create('WebRtcEndpoint', { mediaPipeline: pipeline }),
        invoke('newref:0', 'addTag', { key: 'role', value: 'viewer' }),
        subscribe('newref:0', 'IceCandidateFound'),
        invoke('newref:0', 'processOffer', { offer: OFFER }),
        invoke(source, 'connect', { sink: 'newref:0' }),
      ]);
      expect(replies.map(({ id, error }) => ({ id, error }))).toEqual([0, 1, 2, 3, 4].map(id => ({ id })));
      const endpoint = replies[0]?.result.value;
      expect((await session.describe(endpoint)).type).toBe('WebRtcEndpoint');
      expect(await session.invoke(endpoint, 'getTag', { key: 'role' })).toBe('viewer');
      expect(replies[2]?.result.value).toMatch(/\S+/);
      expect(replies[3]?.result.value).toMatch(/^v=0\r\n/);
      const [connection] = await session.invoke(endpoint, 'getSourceConnections');
      expect(connection).toMatchObject({ source, sink: endpoint });
    },
  );

  kmsCase('a whole room in one request: pipeline, endpoint in it, tags on both', async ({ kms }) => {
    const session = await kms.session();
    const replies = await session.transaction([
      create('MediaPipeline'),
      invoke('newref:0', 'addTag', { key: 'room', value: 'blue' }),
      create('WebRtcEndpoint', { mediaPipeline: 'newref:0' }),
      invoke('newref:2', 'addTag', { key: 'room', value: 'blue' }),
    ]);
    const [pipeline, , endpoint] = replies.map(({ result }) => result.value);
    expect(await session.invoke(pipeline, 'getChildren')).toEqual([endpoint]);
    for (const object of [pipeline, endpoint]) {
      expect(await session.invoke(object, 'getTag', { key: 'room' })).toBe('blue');
    }
  });

  kmsCase('every result names the session, and so does the whole', async ({ kms }) => {
    const session = await kms.session();
    const reply = await session.request('transaction', { operations: numbered([0, 1]) });
    expect(reply.result.sessionId).toBe(session.id);
    for (const { result } of reply.result.value) expect(result.sessionId).toBe(session.id);
  });

  kmsCase('no operations: an empty list of results', async ({ kms }) => {
    expect(await (await kms.session()).transaction([])).toEqual([]);
  });

  for (const ids of [[1], [0, 2], [1, 0], ['first']]) {
    kmsCase(
      `operation ids ${JSON.stringify(ids)} instead of 0..n-1 are refused with 40008`,
      async ({ kms }) => {
        const reply = await (await kms.session()).request('transaction', { operations: numbered(ids) });
        expect(reply.error).toMatchObject({ code: 40008 });
        expect(reply.result).toBeUndefined();
      },
    );
  }

  for (const [title, object] of [
    ['ahead', 'newref:1'],
    ['at itself', 'newref:0'],
  ] as const) {
    kmsCase(`a newref that points ${title} is refused with 40008`, async ({ kms }) => {
      const reply = await (await kms.session()).request('transaction', {
        operations: [invoke(object, 'getTags'), create('MediaPipeline')].map((operation, id) => ({
          id,
          jsonrpc: '2.0',
          ...operation,
        })),
      });
      expect(reply.error).toMatchObject({ code: 40008 });
    });
  }

  kmsCase('it stops at its first failing operation and reports no error of its own', async ({ kms }) => {
    const session = await kms.session();
    const replies = await session.transaction([
      create('MediaPipeline'),
      create('NoSuchElement'),
      create('MediaPipeline'),
    ]);
    expect(replies).toHaveLength(2);
    expect(replies[0]).toMatchObject({ id: 0, result: { value: expect.stringMatching(/\S+/) } });
    expect(replies[1]).toMatchObject({ id: 1, error: { code: 40108 } });
  });

  kmsCase(
    'it rolls nothing back: what was made before the failure is there until it is released',
    async ({ kms }) => {
      const watch = await kms.watch();
      const session = await kms.session();
      const [made, endpoint, failed] = await session.transaction([
        create('MediaPipeline'),
        create('WebRtcEndpoint', { mediaPipeline: 'newref:0' }),
        invoke('newref:1', 'processOffer', { offer: 'not an offer' }),
      ]);
      expect(failed?.error).toMatchObject({ code: 40201 });
      const pipeline = made?.result.value;
      expect(await session.invoke(pipeline, 'getChildren')).toEqual([endpoint?.result.value]);
      await session.release(pipeline);
      await watch.untilDestroyed(pipeline);
    },
  );

  kmsCase('a transaction with a bad id has done what stands before it', async ({ kms }) => {
    const observer = await kms.session();
    await observer.subscribe('manager_ServerManager', 'ObjectCreated');
    const session = await kms.session();
    const reply = await session.request('transaction', {
      operations: [
        { id: 0, jsonrpc: '2.0', ...create('MediaPipeline') },
        { id: 1, jsonrpc: '2.0', ...invoke('newref:0', 'addTag', { key: 'half-done', value: session.id }) },
        { id: 7, jsonrpc: '2.0', ...create('MediaPipeline') },
      ],
    });
    expect(reply.error).toMatchObject({ code: 40008 });
    const made = await findTagged(observer, session.id);
    expect(made).toHaveLength(1);
    for (const pipeline of made) await observer.release(pipeline);
  });

  kmsCase('a newref outside its transaction is refused with 40109', async ({ kms }) => {
    const session = await kms.session();
    await session.transaction([create('MediaPipeline')]);
    for (const method of ['describe', 'ref']) {
      expect((await session.request(method, { object: 'newref:0' })).error).toMatchObject({ code: 40109 });
    }
    const reply = await session.request('invoke', { object: 'newref:0', operation: 'getTags' });
    expect(reply.error).toMatchObject({ code: 40109 });
  });

  kmsCase('a transaction on a socket that has no session yet makes one', async ({ kms }) => {
    const socket = await kms.socket();
    const { sessionId, value } = await socket.call('transaction', { operations: numbered([0]) });
    expect(value[0].result.sessionId).toBe(sessionId);
    expect((await kms.session(sessionId)).id).toBe(sessionId);
  });

  kmsCase('without operations: -32000', async ({ kms }) => {
    expect((await (await kms.session()).request('transaction')).error).toMatchObject({ code: -32000 });
  });
});

/** The objects made since the observer subscribed which carry the tag `half-done` of that value. */
async function findTagged(observer: KurentoSession, value: string): Promise<string[]> {
  await observer.call('ping');
  const tagged: string[] = [];
  for (const { object } of observer.socket.events('ObjectCreated')) {
    const reply = await observer.request('invoke', {
      object,
      operation: 'getTag',
      operationParams: { key: 'half-done' },
    });
    if (reply.result?.value === value) tagged.push(object);
  }
  return tagged;
}
