import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readMetric } from '../support/metric.js';
import { handshake, rawStatus } from '../support/raw-http.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';

describe('what one client may take', () => {
  const stage = new Stage({
    nodes: 2,
    env: {
      MANYCAST_TRUSTED_PROXIES: 'loopback',
      MANYCAST_ORIGINS: 'https://live.example',
      MANYCAST_MAX_SOCKETS_PER_ADDRESS: '5',
      MANYCAST_MAX_JOINS_PER_ADDRESS: '10',
      MANYCAST_MAX_MESSAGES_PER_S: '2',
      MANYCAST_HANDSHAKE_TIMEOUT_MS: '400',
      MANYCAST_FIRST_MESSAGE_MS: '1000',
      MANYCAST_HEARTBEAT_MS: '500',
      MANYCAST_MAX_SDP_CHARS: '8000',
    },
  });
  const limited = async (limit: string) =>
    (
      await Promise.all(
        [0, 1].map(node => readMetric(stage.node(node).httpUrl, 'manycast_limited_total', { limit })),
      )
    ).reduce((a, b) => a + b, 0);
  /** A socket that a trusted proxy says to be of this address. */
  const openFrom = async (address: string, node: number) => {
    const headers = { 'X-Forwarded-For': address };
    const ws = new WebSocket(stage.node(node).wsUrl('/one2many'), { headers });
    await once(ws, 'open');
    return ws;
  };
  const statusFor = (address: string, headers: Record<string, string> = {}) =>
    rawStatus(stage.node(0).port, handshake('/one2many', { 'X-Forwarded-For': address, ...headers }));

  it('sockets: one address has so many, counted by what the trusted proxy says', async () => {
    const open = await Promise.all(Array.from({ length: 5 }, () => openFrom('192.0.2.1', 0)));
    expect(await statusFor('192.0.2.1')).toBe(429);
    expect(await statusFor('192.0.2.2')).toBe(101);
    expect(await limited('sockets-per-address')).toBe(1);
    for (const ws of open) ws.terminate();
  });

  it('pages: of named origins only, and the node’s own', async () => {
    expect(await statusFor('192.0.2.3', { Origin: 'https://evil.example' })).toBe(403);
    expect(await statusFor('192.0.2.3', { Origin: 'https://live.example' })).toBe(101);
  });

  it('time: who does not ask, and who asks for nothing, is sent away', async () => {
    const { port } = stage.node(0);
    const halfOpen = connect(port, '127.0.0.1');
    const unfinished = connect(port, '127.0.0.1');
    unfinished.write('GET /one2many HTTP/1.1\r\nHost: x\r\n');
    const closed = [halfOpen, unfinished].map(socket => {
      socket.resume();
      socket.on('error', () => {});
      return once(socket, 'close');
    });
    const silent = await stage.wire(0);
    await Promise.all(closed);
    expect(await silent.closed).toMatchObject({ code: 4512 });
    expect(await limited('handshake-time')).toBeGreaterThanOrEqual(1);
    expect(await limited('first-message-time')).toBeGreaterThanOrEqual(1);
  });

  it('messages and offers: no faster and no longer than allowed', async () => {
    const client = await stage.wire(1);
    for (let count = 0; count < 21; count += 1) client.send({ id: 'stop' });
    expect(await client.next('error')).toMatchObject({
      code: 'too-many-messages',
      retryAfterMs: expect.any(Number),
    });
    const other = await stage.wire(1);
    other.send({ id: 'viewer', sdpOffer: 'v'.repeat(8_001) });
    expect(await other.next('error')).toMatchObject({
      code: 'too-large',
      message: 'sdpOffer: at most 8000 characters',
    });
    expect(await limited('message-rate')).toBeGreaterThanOrEqual(1);
    expect(await limited('sdp-size')).toBe(1);
  });

  it('joins: so many of one address over all nodes; another address is served', async () => {
    const room = stage.newRoom();
    const sockets: WebSocket[] = [];
    const from = async (address: string, node: number) => {
      const ws = await openFrom(address, node);
      sockets.push(ws);
      const heard: { code?: string; retryAfterMs?: number }[] = [];
      ws.on('message', data => heard.push(JSON.parse(String(data))));
      const join = async () => {
        const before = heard.length;
        ws.send(JSON.stringify({ id: 'viewer', sdpOffer: stage.offers.viewer, room }));
        return waitFor('an answer', () => heard[before]);
      };
      return { join };
    };
    const [one, other] = [await from('192.0.2.9', 0), await from('192.0.2.9', 1)];
    const answers: string[] = [];
    for (let count = 0; count < 8; count += 1)
      for (const client of [one, other]) answers.push((await client.join()).code ?? '');
    expect(answers.slice(0, 10)).toEqual(Array(10).fill('no-presenter'));
    expect(answers.at(-1)).toBe('too-many-joins');
    expect((await one.join()).retryAfterMs).toBeGreaterThan(0);
    expect((await (await from('192.0.2.10', 0)).join()).code).toBe('no-presenter');
    expect(await limited('join-rate')).toBeGreaterThanOrEqual(1);
    for (const ws of sockets) ws.terminate();
  });
});
