import { createLogger } from '@manycast/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { type RunningMediaServer, startEmbeddedMedia } from '../compose.js';
import { configSchema } from '../config.js';
import { RpcClient } from '../testing/rpc-client.js';
import { parseFailOrder } from './fail-order.js';

const log = createLogger({ name: 'test', level: 'silent' });
let server: RunningMediaServer;

const start = async (fail: string[] = [], takesOrders = true) => {
  server = await startEmbeddedMedia(configSchema.parse({ port: '0' }), log, {
    fail: fail.map(parseFailOrder),
    takesOrders,
  });
};
const httpUrl = () => server.url.replace('ws:', 'http:').replace('kurento', '');
const post = (body: string) => fetch(`${httpUrl()}fail`, { method: 'POST', body });
const order = async (body: string) => expect((await post(body)).status).toBe(200);
const open = () => RpcClient.open(server.url);

afterEach(() => server.stop());

describe('a media server that is told to fail', () => {
  it('as silent, takes sockets and requests and answers none until it is well', async () => {
    await start();
    const client = await open();
    await client.result('ping');
    await order('silent');
    const asked = client.request('create', { type: 'MediaPipeline' });
    const newcomer = await open();
    const askedByNewcomer = newcomer.request('ping');
    // Its HTTP still works: what was to be answered by now would have been.
    for (let round = 0; round < 5; round++) expect((await fetch(`${httpUrl()}livez`)).status).toBe(200);
    expect(client.replies).toHaveLength(1);
    expect(newcomer.replies).toHaveLength(0);
    await order('well');
    expect((await asked).error).toBeUndefined();
    expect((await askedByNewcomer).result.value).toBe('pong');
  });

  it('as full, refuses to create and serves what there is', async () => {
    await start(['full']);
    const client = await open();
    expect(await client.errorCode('create', { type: 'MediaPipeline' })).toBe(40009);
    expect((await client.result('ping')).value).toBe('pong');
    await order('well');
    expect(await client.errorCode('create', { type: 'MediaPipeline' })).toBe(0);
  });

  it('as slow, takes its time for each request', async () => {
    await start(['slow=80']);
    const client = await open();
    const begunAt = performance.now();
    await client.result('ping');
    await client.result('ping');
    expect(performance.now() - begunAt).toBeGreaterThan(150);
  });

  it('drops every socket, and takes new ones again when the time is over', async () => {
    await start();
    const [one, other] = [await open(), await open()];
    const pipeline = (await one.result('create', { type: 'MediaPipeline' })).value;
    await order('drop=600000');
    await one.until(() => one.isClosed);
    await other.until(() => other.isClosed);
    await expect(open()).rejects.toThrow('503');
    await order('well');
    expect(await (await open()).errorCode('describe', { object: pipeline })).toBe(0);
  });

  it('restarts as another server at the same address', async () => {
    await start();
    const client = await open();
    const before = await client.result('connect');
    const pipeline = (await client.result('create', { type: 'MediaPipeline' })).value;
    await order('restart');
    await client.until(() => client.isClosed);
    const again = await open();
    expect(await again.errorCode('connect', { sessionId: before.sessionId })).toBe(40007);
    expect((await again.result('connect')).serverId).not.toBe(before.serverId);
    expect(await again.errorCode('describe', { object: pipeline })).toBe(40101);
    expect(await again.invoke('manager_ServerManager', 'getPipelines')).toEqual([]);
  });

  it('carries out all of several orders, or none', async () => {
    await start();
    const client = await open();
    const refused = await post('full\nexplode\n');
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('no such order: explode');
    expect(await client.errorCode('create', { type: 'MediaPipeline' })).toBe(0);
    await order('full\nslow=1');
    expect(await client.errorCode('create', { type: 'MediaPipeline' })).toBe(40009);
  });

  it('takes no orders unless it was started for them', async () => {
    await start([], false);
    expect((await post('full')).status).toBe(404);
  });
});
