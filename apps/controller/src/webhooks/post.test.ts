import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type WebhookEvent, webhookEvent } from '@manycast/core';
import { RoomName } from '@manycast/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pauseMs } from './backoff.js';
import { post } from './post.js';
import type { Receiver } from './receiver.js';
import { signature } from './signature.js';

const told = { type: 'presenter-left', generation: 7, seq: 3 } as const;
const event = webhookEvent('a~17-0', RoomName.parse('a'), 1_700_000_000_000, told) as WebhookEvent;
const secrets = ['the-new-secret-16', 'the-old-secret-16'];

async function receiver(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  own: Partial<Receiver> = {},
) {
  const requests: { request: IncomingMessage; body: string }[] = [];
  const server = createServer(async (request, response) => {
    requests.push({ request, body: await text(request) });
    answer(response, request);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const usual = { id: 'r', url: `http://127.0.0.1:${port}/hooks`, secrets, events: ['*'], timeoutMs: 5_000 };
  return { requests, port, to: { ...usual, giveUpAfterMs: 1, retryMaxMs: 1, concurrency: 1, ...own } };
}

/** As docs/webhooks.md tells receivers to do it. */
function isGenuine(header: string, body: string, secret: string, nowS: number): boolean {
  const parts = header.split(',').map(part => part.split('='));
  const t = parts.find(([name]) => name === 't')?.[1] ?? '';
  if (!(Math.abs(nowS - Number(t)) <= 300)) return false;
  const expected = createHmac('sha256', secret).update(`${t}.${body}`).digest();
  return parts.some(([name, hex = '']) => {
    const given = Buffer.from(hex, 'hex');
    return name === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

describe('a request to a receiver', () => {
  it('says what happened, once and for all by its id, and is signed with every secret', async () => {
    const { requests, to } = await receiver(response => response.writeHead(204).end());
    expect(await post(to, event, 2)).toMatchObject({ isDelivered: true, status: 204, reason: null });
    const [{ request, body } = { request: undefined, body: '' }] = requests;
    expect(JSON.parse(body)).toEqual({
      id: 'a~17-0',
      type: 'room.ended',
      at: '2023-11-14T22:13:20.000Z',
      room: 'a',
      generation: 7,
      seq: 3,
      data: {},
    });
    expect(request).toMatchObject({ method: 'POST', url: '/hooks' });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'a~17-0',
      'manycast-event': 'room.ended',
      'manycast-attempt': '2',
    });
    const header = String(request?.headers['manycast-signature']);
    const nowS = Date.now() / 1_000;
    for (const secret of secrets) expect(isGenuine(header, body, secret, nowS)).toBe(true);
    expect(isGenuine(header, body, 'another-secret-16', nowS)).toBe(false);
    expect(isGenuine(header, `${body} `, secrets[0] ?? '', nowS)).toBe(false);
    expect(isGenuine(header, body, secrets[0] ?? '', nowS + 400)).toBe(false);
  });

  it.each([200, 201, 204, 299])('answered with %i is delivered', async status => {
    const { to } = await receiver(response => response.writeHead(status).end());
    expect((await post(to, event, 1)).isDelivered).toBe(true);
  });

  it.each([400, 404, 410, 500, 503])('answered with %i is not', async status => {
    const { to } = await receiver(response => response.writeHead(status).end('x'));
    expect(await post(to, event, 1)).toMatchObject({
      isDelivered: false,
      status,
      reason: `status ${status}`,
    });
  });

  it('goes where the operator says and nowhere else: a redirection is not followed', async () => {
    const inside = await receiver(response => response.writeHead(200).end());
    const { to } = await receiver(response =>
      response.writeHead(307, { location: `http://127.0.0.1:${inside.port}/` }).end(),
    );
    expect(await post(to, event, 1)).toMatchObject({ isDelivered: false, status: 307 });
    expect(inside.requests).toEqual([]);
  });

  it('that is not answered in time has failed', async () => {
    const { to } = await receiver(() => {}, { timeoutMs: 100 });
    expect(await post(to, event, 1)).toMatchObject({
      isDelivered: false,
      status: null,
      reason: 'no answer in time',
    });
  });

  it('that nobody takes has failed', async () => {
    const { to, port } = await receiver(() => {});
    const closed = { ...to, url: `http://127.0.0.1:${port}/`, timeoutMs: 5_000 };
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    closed.url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/`;
    await new Promise(resolve => gone.close(resolve));
    expect(await post(closed, event, 1)).toMatchObject({ isDelivered: false, reason: 'ECONNREFUSED' });
  });

  it('is done when it has its answer, however long that goes on', async () => {
    const { to } = await receiver(response => {
      response.writeHead(200);
      const more = setInterval(() => response.write('x'.repeat(8_192)), 1);
      response.on('close', () => clearInterval(more));
    });
    expect((await post(to, event, 1)).isDelivered).toBe(true);
  });

  it('passes on when the receiver wants to be asked again', async () => {
    const { to } = await receiver(response => response.writeHead(503, { 'retry-after': '7' }).end());
    expect((await post(to, event, 1)).retryAfterMs).toBe(7_000);
    const { to: other } = await receiver(response =>
      response.writeHead(503, { 'retry-after': 'soon' }).end(),
    );
    expect((await post(other, event, 1)).retryAfterMs).toBe(null);
  });
});

it('a signature is of the time and the body', () => {
  const hex = createHmac('sha256', 's').update('1700000000.{}').digest('hex');
  expect(signature(['s'], '{}', 1_700_000_000_999)).toBe(`t=1700000000,v1=${hex}`);
});

describe('the pause before the next attempt', () => {
  const most = { retryMaxMs: 60_000, retryAfterMs: null };
  it('doubles up to the longest, and half of it is chance', () => {
    expect([1, 2, 3, 7, 50].map(failures => pauseMs(failures, most, () => 0))).toEqual([
      500, 1_000, 2_000, 30_000, 30_000,
    ]);
    expect([1, 50].map(failures => pauseMs(failures, most, () => 1))).toEqual([1_000, 60_000]);
    expect(pauseMs(1, { retryMaxMs: 100, retryAfterMs: null }, () => 1)).toBe(100);
  });

  it('is what the receiver asks for, within reason', () => {
    expect(pauseMs(1, { ...most, retryAfterMs: 20_000 })).toBe(20_000);
    expect(pauseMs(1, { ...most, retryAfterMs: 86_400_000 })).toBe(60_000);
  });
});
