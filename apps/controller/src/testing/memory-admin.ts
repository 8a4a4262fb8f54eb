import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import {
  MemoryDeadLetters,
  MemoryDeliveryLog,
  type MemoryMediaEngine,
  MemoryMediaInspector,
  MemoryRoomDirectory,
  MemoryRoomOptions,
  MemoryWebhookOutbox,
  type Relocation,
  type RelocationQueue,
} from '@manycast/core';
import { memoryCluster } from '@manycast/core/contracts';
import { createLogger } from '@manycast/runtime';
import { onTestFinished } from 'vitest';
import { adminApp } from '../admin/admin-app.js';
import type { AdminPorts } from '../admin/admin-ports.js';
import { type Admission, byToken } from '../admin/admission.js';
import { Callers } from '../admin/caller.js';
import type { Route } from '../admin/route.js';
import { adminRoutes } from '../admin/routes.js';
import type { WebhookDesk } from '../webhooks/webhook-desk.js';

export const readToken = 'token-of-a-reader-1';
export const writeToken = 'token-of-a-writer-1';

const webhookReceiver = {
  ...{ id: 'billing', url: 'https://billing.example/hooks/of-a-secret-name', secrets: ['a-secret-of-16-c'] },
  ...{ events: ['*'], timeoutMs: 1_000, giveUpAfterMs: 60_000, retryMaxMs: 1_000, concurrency: 1 },
};

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: looked into by matchers
  body: any;
  headers: Headers;
}

/** The admin API on a cluster in this process, behind a real listener. */
export async function memoryAdmin({
  routes = adminRoutes,
  admission = byToken(Callers.parse(`read reader ${readToken}\nwrite writer ${writeToken}`).callers),
}: {
  routes?: (ports: AdminPorts) => Route[];
  admission?: Admission;
} = {}) {
  const cluster = await memoryCluster();
  await cluster.registry.beat(cluster.node, 600_000);
  const outbox = new MemoryWebhookOutbox();
  const webhooks: WebhookDesk & { outbox: MemoryWebhookOutbox } = {
    outbox,
    dead: new MemoryDeadLetters({ kept: 10 }),
    deliveries: new MemoryDeliveryLog({ kept: 10 }),
    receivers: () => [webhookReceiver],
    lanes: async () => ({ waiting: 0, active: 1, delayed: 2 }),
  };
  const directory = new MemoryRoomDirectory();
  const options = new MemoryRoomOptions();
  const moves: Relocation[] = [];
  const relocations: RelocationQueue = { schedule: async move => void moves.push(move) };
  const lines: Record<string, unknown>[] = [];
  const log = createLogger(
    { name: 'test', level: 'warn' },
    new Writable({ write: (line, _encoding, done) => done(void lines.push(JSON.parse(String(line)))) }),
  );
  const inspector = new MemoryMediaInspector(cluster.media as MemoryMediaEngine);
  const ports = { ...cluster, directory, options, inspector, webhooks, relocations };
  const server = createServer(adminApp(routes(ports), admission, log)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** As the writer, unless told otherwise; `token: null` sends none. */
  const ask = async (
    method: string,
    path: string,
    {
      token = writeToken,
      body,
      headers,
    }: { token?: string | null; body?: unknown; headers?: HeadersInit } = {},
  ): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const get = (path: string, options?: Parameters<typeof ask>[2]) => ask('GET', path, options);
  return { cluster, directory, moves, webhooks, url, lines, ask, get };
}
