import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createLogger } from './logger.js';
import { openTracing } from './tracing.js';

interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  status?: { code?: number; message?: string };
  attributes: { key: string; value: object }[];
}

/** A collector that keeps what it is sent. */
async function collector() {
  const spans: OtlpSpan[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    for (const { scopeSpans } of JSON.parse(body).resourceSpans)
      for (const scope of scopeSpans) spans.push(...scope.spans);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { spans, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const log = createLogger({ name: 'test', level: 'silent' });
const trace = '0af7651916cd43dd8448eb211c80319c';
const join = {
  name: 'join viewer',
  startMs: 1_000,
  endMs: 1_030,
  failure: 'pool-full',
  children: [{ name: 'redis join', startMs: 1_000, endMs: 1_010 }],
};

it('sends spans under the trace that joins them with others', async () => {
  const { spans, url } = await collector();
  const tracing = await openTracing({ url, app: 'signaling', log });
  tracing.record(trace, join);
  await tracing.stop();
  const [child, parent] = ['redis join', 'join viewer'].map(name => spans.find(span => span.name === name));
  expect(parent).toMatchObject({ traceId: trace, status: { code: 2, message: 'pool-full' } });
  expect(child).toMatchObject({ traceId: trace, parentSpanId: parent?.spanId });
});

it('keeps a name that is no trace id as an attribute', async () => {
  const { spans, url } = await collector();
  const tracing = await openTracing({ url: `${url}/`, app: 'signaling', log });
  tracing.record('support-case-4711', join);
  await tracing.stop();
  const parent = spans.find(({ name }) => name === 'join viewer');
  expect(parent?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(parent?.attributes).toContainEqual({ key: 'trace', value: { stringValue: 'support-case-4711' } });
});

it('does not keep a process from stopping when the collector is away', async () => {
  const tracing = await openTracing({ url: 'http://127.0.0.1:1', app: 'signaling', log });
  tracing.record(trace, join);
  await tracing.stop();
});
