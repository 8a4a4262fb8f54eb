import { createLogger } from '@manycast/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningMediaServer, startEmbeddedMedia } from '../compose.js';
import { configSchema } from '../config.js';
import { RpcClient } from '../testing/rpc-client.js';

const log = createLogger({ name: 'test', level: 'silent' });
const clients: RpcClient[] = [];
let server: RunningMediaServer;

async function start(settings: Record<string, string> = {}) {
  const config = configSchema.parse({ port: '0', collectorPeriodMs: '300', ...settings });
  server = await startEmbeddedMedia(config, log);
}

async function open(): Promise<RpcClient> {
  const client = await RpcClient.open(server.url);
  clients.push(client);
  return client;
}

async function makePipeline(client: RpcClient): Promise<string> {
  return (await client.result('create', { type: 'MediaPipeline' })).value;
}

async function makeEndpoint(client: RpcClient, mediaPipeline: string): Promise<string> {
  const params = { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline } };
  return (await client.result('create', params)).value;
}

function httpUrl(): string {
  return server.url.replace('ws:', 'http:').replace('/kurento', '');
}

/** Makes the endpoint tell of candidates. */
async function gather(client: RpcClient, endpoint: string): Promise<void> {
  await client.invoke(endpoint, 'generateOffer');
  await client.invoke(endpoint, 'gatherCandidates');
}

beforeEach(() => start());
afterEach(async () => {
  for (const client of clients.splice(0)) client.webSocket.terminate();
  await server.stop();
});

describe('sessions', () => {
  it('a dropped socket releases nothing; the session is collected after one to two periods', async () => {
    const owner = await open();
    const { sessionId } = await owner.result('connect');
    const pipeline = await makePipeline(owner);
    await owner.close();
    const other = await open();
    expect(await other.errorCode('connect', { sessionId })).toBe(0);
    expect(await other.invoke(pipeline, 'getName')).toBe(pipeline);
    // The socket that took it over now dies as well; somebody who holds nothing watches it go.
    await other.close();
    const watcher = await open();
    await watcher.result('subscribe', { object: 'manager_ServerManager', type: 'ObjectDestroyed' });
    await watcher.event('ObjectDestroyed');
    expect(watcher.events.map(event => event.data.objectId)).toEqual([pipeline]);
    expect(await watcher.errorCode('connect', { sessionId })).toBe(40007);
  });

  it('an open socket keeps its session alive without any traffic', async () => {
    const idle = await open();
    const pipeline = await makePipeline(idle);
    // Four periods pass: a session that does die meanwhile proves that sweeps took place.
    for (let round = 0; round < 2; round++) {
      const mayfly = await open();
      const doomed = await makePipeline(mayfly);
      await mayfly.close();
      const watcher = await open();
      await watcher.result('subscribe', { object: 'manager_ServerManager', type: 'ObjectDestroyed' });
      await watcher.until(() => watcher.events.some(event => event.data.objectId === doomed));
    }
    expect(await idle.invoke(pipeline, 'getId')).toBe(pipeline);
  });

  it('the last sender owns the session: even a ping rebinds it, and subscriptions follow', async () => {
    const first = await open();
    const { sessionId } = await first.result('connect');
    const endpoint = await makeEndpoint(first, await makePipeline(first));
    await first.result('subscribe', { object: endpoint, type: 'IceGatheringDone' });
    const second = await open();
    expect(await second.result('ping', { sessionId })).toEqual({ sessionId, value: 'pong' });
    await gather(second, endpoint);
    await second.event('IceGatheringDone', endpoint);
    expect(first.events).toEqual([]);
    expect(first.isClosed).toBe(false);
    // The old socket has no session any more: it is given another one.
    expect((await first.result('describe', { object: endpoint })).sessionId).not.toBe(sessionId);
  });

  it('connect knows no session that has touched nothing; create makes the one it names', async () => {
    const client = await open();
    const { sessionId } = await client.result('connect');
    const other = await open();
    const refused = await other.request('connect', { sessionId });
    expect(refused.error).toEqual({
      code: 40007,
      message: 'Invalid session',
      data: { type: 'INVALID_SESSION' },
    });
    const created = await other.result('create', { type: 'MediaPipeline', sessionId: 'my-own-name' });
    expect(created.sessionId).toBe('my-own-name');
    expect(await client.result('connect', { sessionId: 'my-own-name' })).toMatchObject({
      sessionId: 'my-own-name',
    });
  });

  it('answers a request that is sent again from the cache, also on another socket', async () => {
    const client = await open();
    const { sessionId } = await client.result('connect');
    const made = await client.request('create', { type: 'MediaPipeline', sessionId }, 77);
    const other = await open();
    const again = await other.request('create', { type: 'MediaPipeline', sessionId }, 77);
    expect(again.result).toEqual(made.result);
    expect(await other.invoke('manager_ServerManager', 'getPipelines')).toEqual([made.result.value]);
  });

  it('closeSession works without params on a socket that has a session, and is repeatable', async () => {
    const client = await open();
    expect((await client.request('closeSession')).error?.code).toBe(-32602);
    const pipeline = await makePipeline(client);
    expect((await client.request('closeSession')).result).toBe(null);
    expect((await client.request('closeSession')).result).toBe(null);
    expect((await client.request('describe', { object: pipeline })).error?.code).toBe(40101);
  });
});

describe('frames', () => {
  const unreadable = ['{bad json', '[]', '', '{"jsonrpc":"2.0","id":9,"method":"ping","params":[1]}'];

  it.each(unreadable)('%j drops the socket without a word and does not pin its session', async frame => {
    const client = await open();
    const pipeline = await makePipeline(client);
    const watcher = await open();
    await watcher.result('subscribe', { object: 'manager_ServerManager', type: 'ObjectDestroyed' });
    const before = client.replies.length;
    client.send(frame);
    await client.until(() => client.isClosed);
    expect(client.replies.length).toBe(before);
    expect((await watcher.event('ObjectDestroyed')).data.objectId).toBe(pipeline);
  });

  it.each([
    ['{"foo":1}', -32600],
    ['{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
    ['{"jsonrpc":"2.0","id":[1],"method":"ping"}', -32600],
    ['{"jsonrpc":"2.0","id":null,"method":7}', -32600],
    ['[]', -32600],
    ['null', -32600],
  ])('%j on a socket without a session is answered %i', async (frame, code) => {
    const client = await open();
    client.send(frame);
    expect((await client.reply(null)).error?.code).toBe(code);
  });

  it('refuses what it does not know, and goes on', async () => {
    const client = await open();
    expect(await client.errorCode('launchMissiles')).toBe(-32601);
    expect(await client.errorCode('toString')).toBe(-32601);
    expect((await client.request('describe', {})).error).toEqual({
      code: -32000,
      message: "'object' parameter is required",
    });
    expect(await client.errorCode('create', { type: 'PlayerEndpoint' })).toBe(40108);
    expect(await client.errorCode('create', { type: 'constructor' })).toBe(40108);
    const pipeline = await makePipeline(client);
    const invoke = (operation: string, operationParams?: unknown) =>
      client.request('invoke', { object: pipeline, operation, operationParams });
    expect((await invoke('fly')).error).toEqual({
      code: 40008,
      message: "Method 'fly' with 0 parameters not found",
      data: { type: 'MALFORMED_TRANSACTION' },
    });
    expect((await invoke('hasOwnProperty')).error?.code).toBe(40008);
    expect((await invoke('addTag', { key: 'a' })).error).toEqual({
      code: 40001,
      message: "'value' parameter should be a string",
      data: { type: 'MARSHALL_ERROR' },
    });
    expect((await invoke('getTag', { key: '__proto__' })).error?.code).toBe(40110);
    expect(await client.errorCode('subscribe', { object: pipeline, type: 'Weather' })).toBe(40106);
    expect(await client.errorCode('describe', { object: 'newref:0' })).toBe(40109);
    expect(await client.result('ping')).toMatchObject({ value: 'pong' });
  });

  it('closes a socket whose frame is too long, and no other', async () => {
    await server.stop();
    await start({ maxFrameBytes: '1024' });
    const client = await open();
    const other = await open();
    client.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'y'.repeat(2000) } }));
    await client.until(() => client.isClosed);
    expect(await other.result('ping')).toEqual({ value: 'pong' });
  });

  it('carries out what was sent before the socket was closed', async () => {
    const client = await open();
    const pipeline = await makePipeline(client);
    const watcher = await open();
    await watcher.result('ref', { object: pipeline, sessionId: 'watcher' });
    client.send(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 2,
        method: 'invoke',
        params: {
          object: 'manager_ServerManager',
          operation: 'getUsedCpu',
          operationParams: { interval: 20 },
        },
      }),
    );
    client.send(JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'release', params: { object: pipeline } }));
    await client.close();
    await expect.poll(() => watcher.errorCode('describe', { object: pipeline })).toBe(40101);
  });

  it('refuses sockets beyond the limit and paths other than /kurento', async () => {
    await server.stop();
    await start({ maxSockets: '1' });
    const client = await open();
    await expect(RpcClient.open(server.url)).rejects.toThrow('503');
    await client.close();
    const lost = await RpcClient.open(server.url.replace('/kurento', '/elsewhere'));
    await lost.until(() => lost.isClosed);
  });

  it('serves one connection strictly in order, and others meanwhile', async () => {
    const slow = await open();
    const quick = await open();
    const cpu = slow.invoke('manager_ServerManager', 'getUsedCpu', { interval: 300 });
    const behind = slow.result('ping');
    await quick.result('ping');
    expect(slow.replies).toEqual([]);
    expect(await cpu).toBeGreaterThanOrEqual(0);
    await behind;
  });

  it('does not let one big request hold up other connections', async () => {
    const greedy = await open();
    const quick = await open();
    const operations = Array.from({ length: 3_000 }, (_, id) => ({
      jsonrpc: '2.0',
      id,
      method: 'create',
      params: { type: 'MediaPipeline' },
    }));
    const whole = greedy.result('transaction', { operations });
    await quick.result('ping');
    expect(greedy.replies).toEqual([]);
    expect((await whole).value).toHaveLength(3_000);
  });

  it('answers a flood in order', async () => {
    const client = await open();
    const count = 5_000;
    for (let id = 1; id <= count; id++) client.send(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
    await client.until(() => client.replies.length === count);
    expect(client.replies.every((reply, index) => reply.id === index + 1)).toBe(true);
  });

  it('reads binary frames as text', async () => {
    const client = await open();
    client.webSocket.send(Buffer.from('{"jsonrpc":"2.0","id":"b","method":"ping"}'));
    expect((await client.reply('b')).result).toEqual({ value: 'pong' });
  });

  it('cuts off a client that does not read, before it costs more memory than allowed', async () => {
    await server.stop();
    await start({ maxUnsentBytes: '65536' });
    const client = await open();
    const other = await open();
    const pipeline = await makePipeline(client);
    await client.invoke(pipeline, 'addTag', { key: 'long', value: 'x'.repeat(500_000) });
    client.webSocket.pause();
    const ask = { object: pipeline, operation: 'getTags' };
    for (let id = 0; id < 60; id++) {
      client.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'invoke', params: ask }));
    }
    const metrics = async () => (await fetch(`${httpUrl()}/metrics`)).text();
    await expect.poll(metrics, { timeout: 5_000 }).toContain('manycast_media_sockets 1');
    expect(await other.result('ping')).toEqual({ value: 'pong' });
  });

  it('survives nonsense in every place', async () => {
    const values = [
      null,
      true,
      -1,
      1e308,
      '',
      'newref:0',
      '__proto__',
      [],
      [[]],
      {},
      { sessionId: {} },
      '\u0000',
    ];
    const methods = ['connect', 'create', 'invoke', 'describe', 'subscribe', 'unsubscribe', 'release', 'ref'];
    const client = await open();
    const pipeline = await makePipeline(client);
    for (const method of [...methods, 'unref', 'closeSession', 'transaction', 'ping', 'keepAlive']) {
      for (const value of values) {
        const object = value ?? pipeline;
        const params = { object, type: value, operation: value, subscription: value, sessionId: value };
        await client.request(method, {
          ...params,
          operationParams: value,
          constructorParams: value,
          operations: [value],
        });
      }
    }
    const fresh = await open();
    expect(await fresh.result('ping')).toEqual({ value: 'pong' });
  });
});

describe('objects', () => {
  it('have ids, types and parents as in Kurento', async () => {
    const client = await open();
    const pipeline = (await client.result('create', { type: 'kurento.MediaPipeline' })).value;
    const endpoint = await makeEndpoint(client, pipeline);
    const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
    expect(pipeline).toMatch(new RegExp(`^${uuid}_kurento.MediaPipeline$`));
    expect(endpoint.startsWith(`${pipeline}/`)).toBe(true);
    expect(endpoint.slice(pipeline.length)).toMatch(new RegExp(`^/${uuid}_kurento.WebRtcEndpoint$`));
    expect(await client.result('describe', { object: endpoint })).toEqual({
      sessionId: expect.any(String),
      type: 'WebRtcEndpoint',
      qualifiedType: 'kurento.WebRtcEndpoint',
      hierarchy: [
        'kurento.BaseRtpEndpoint',
        'kurento.SdpEndpoint',
        'kurento.SessionEndpoint',
        'kurento.Endpoint',
        'kurento.MediaElement',
        'kurento.MediaObject',
      ],
    });
    expect(await client.invoke(endpoint, 'getParent')).toBe(pipeline);
    expect(await client.invoke(endpoint, 'getMediaPipeline')).toBe(pipeline);
    expect(await client.invoke(pipeline, 'getMediaPipeline')).toBe(pipeline);
    expect(await client.invoke(pipeline, 'getParent')).toBe(null);
    expect(await client.invoke(pipeline, 'getChildren')).toEqual([endpoint]);
    expect(Date.now() / 1000 - (await client.invoke(pipeline, 'getCreationTime'))).toBeLessThan(5);
    const nowhere = { type: 'WebRtcEndpoint', constructorParams: { mediaPipeline: endpoint } };
    expect(await client.errorCode('create', nowhere)).toBe(40001);
    expect(await client.errorCode('create', { type: 'WebRtcEndpoint' })).toBe(40001);
  });

  it('carry tags, in events too when asked', async () => {
    const client = await open();
    const endpoint = await makeEndpoint(client, await makePipeline(client));
    await client.invoke(endpoint, 'addTag', { key: 'room', value: 'b' });
    await client.invoke(endpoint, 'addTag', { key: 'manycast', value: 1 });
    await client.invoke(endpoint, 'addTag', { key: 'gone', value: '' });
    await client.invoke(endpoint, 'removeTag', { key: 'gone' });
    const tags = [
      { __module__: 'kurento', __type__: 'Tag', key: 'manycast', value: '1' },
      { __module__: 'kurento', __type__: 'Tag', key: 'room', value: 'b' },
    ];
    expect(await client.invoke(endpoint, 'getTags')).toEqual(tags);
    expect(await client.invoke(endpoint, 'getTag', { key: 'room' })).toBe('b');
    const silent = await makeEndpoint(client, await makePipeline(client));
    await client.invoke(silent, 'addTag', { key: 'room', value: 'b' });
    await client.invoke(endpoint, 'setSendTagsInEvents', { sendTagsInEvents: true });
    for (const object of [endpoint, silent]) {
      await client.result('subscribe', { object, type: 'IceGatheringDone' });
      await gather(client, object);
    }
    expect((await client.event('IceGatheringDone', endpoint)).data.tags).toEqual(tags);
    expect((await client.event('IceGatheringDone', silent)).data.tags).toEqual([]);
  });

  it('release is idempotent, from any session, and closes what is behind', async () => {
    const owner = await open();
    const pipeline = await makePipeline(owner);
    const endpoint = await makeEndpoint(owner, pipeline);
    const stranger = await open();
    await stranger.result('release', { object: pipeline });
    await stranger.result('release', { object: pipeline });
    await stranger.result('release', { object: 'never-existed' });
    await stranger.result('unref', { object: 'never-existed', sessionId: 's' });
    await stranger.result('unsubscribe', { object: 'x', subscription: 'y', sessionId: 's' });
    expect(await owner.errorCode('describe', { object: endpoint })).toBe(40101);
  });

  it('events have the shape of Kurento, once per session and under their former names', async () => {
    const client = await open();
    const endpoint = await makeEndpoint(client, await makePipeline(client));
    const names = ['IceCandidateFound', 'OnIceCandidate', 'OnIceGatheringDone', 'IceGatheringDone'];
    for (const type of names) await client.result('subscribe', { object: endpoint, type });
    const { value: subscription } = await client.result('subscribe', {
      object: endpoint,
      type: 'IceGatheringDone',
    });
    await client.result('subscribe', { object: endpoint, type: 'IceGatheringDone' });
    await client.result('unsubscribe', { object: endpoint, subscription });
    await gather(client, endpoint);
    await client.event('IceGatheringDone');
    await client.event('OnIceGatheringDone');
    await client.result('ping');
    const of = (...types: string[]) => client.events.filter(event => types.includes(event.type));
    expect(of('IceGatheringDone', 'OnIceGatheringDone')).toHaveLength(2);
    for (const type of ['IceCandidateFound', 'OnIceCandidate']) {
      expect(of(type)[0]).toEqual({
        object: endpoint,
        type,
        data: {
          source: endpoint,
          tags: [],
          timestamp: expect.stringMatching(/^\d{10}$/),
          timestampMillis: expect.stringMatching(/^\d{13}$/),
          type,
          candidate: {
            __module__: 'kurento',
            __type__: 'IceCandidate',
            candidate: expect.stringContaining('candidate:'),
            sdpMid: expect.any(String),
            sdpMLineIndex: 0,
          },
        },
      });
    }
  });

  it('the server manager tells what runs and how much it uses, and keeps nothing alive by it', async () => {
    const client = await open();
    const manager = 'manager_ServerManager';
    const { sessionId } = await client.result('connect');
    await client.result('subscribe', { object: manager, type: 'ObjectCreated' });
    const pipeline = await makePipeline(client);
    expect((await client.event('ObjectCreated')).data.object).toBe(pipeline);
    const info = await client.invoke(manager, 'getInfo');
    expect(info).toMatchObject({ type: 'KMS', capabilities: ['transactions'] });
    expect(info.modules.map((module: { name: string }) => module.name)).toEqual([
      'core',
      'elements',
      'filters',
    ]);
    expect(await client.invoke(manager, 'getUsedMemory')).toBeGreaterThan(10_000);
    expect(await client.invoke(manager, 'getCpuCount')).toBeGreaterThan(0);
    expect(await client.invoke(manager, 'getSessions')).toEqual(['', sessionId]);
    await client.result('release', { object: manager });
    expect(await client.invoke(manager, 'getPipelines')).toEqual([pipeline]);
  });
});

describe('a process', () => {
  it('answers health checks and shows its figures on the same port', async () => {
    const client = await open();
    await makeEndpoint(client, await makePipeline(client));
    const base = httpUrl();
    expect((await fetch(`${base}/livez`)).status).toBe(200);
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    expect((await fetch(`${base}/nowhere`)).status).toBe(404);
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect(metrics).toContain('manycast_media_endpoints 1');
    expect(metrics).toContain('manycast_media_sessions 1');
    expect(metrics).toContain('manycast_media_rpc_requests_total{method="create",outcome="success"} 2');
    expect(metrics).toContain('process_resident_memory_bytes');
  });

  it('stops at once though clients are connected and waited for', async () => {
    const client = await open();
    const asked = client.result('invoke', {
      object: 'manager_ServerManager',
      operation: 'getUsedCpu',
      operationParams: { interval: 60_000 },
    });
    const broken = expect(asked).rejects.toThrow('closed');
    await client.until(() => client.webSocket.bufferedAmount === 0);
    await server.stop();
    await broken;
    await start();
  }, 3_000);

  it('refuses a port that is taken', async () => {
    const port = new URL(server.url).port;
    const config = configSchema.parse({ port });
    await expect(startEmbeddedMedia(config, log)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
