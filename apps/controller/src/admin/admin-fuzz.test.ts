import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryAdmin } from '../testing/memory-admin.js';
import { problemCodes } from './problem.js';

interface Operation {
  parameters?: { name: string; in: 'path' | 'query' }[];
  requestBody?: object;
  responses: Record<string, object>;
}

/** A value of a field: right now and then, since the document's examples are among them. */
const value = fc.oneof(
  fc.constantFrom(
    'room',
    'media-1:80',
    'node-1',
    'billing',
    '1',
    '500',
    '-1',
    'true',
    '..',
    '%2e%2e',
    '\u0000',
    '',
  ),
  fc.string({ maxLength: 80 }),
);
const body = fc.oneof(
  { weight: 3, arbitrary: fc.object({ maxDepth: 2 }).map(object => JSON.stringify(object)) },
  fc.json(),
  fc.string(),
  fc.constantFrom('{"__proto__":{"admin":true}}', '{"of":{"token":"x"}}', '{"of":{"identity":1}}', '[]', '{'),
);

it('the admin API answers everything that its own document lets one ask, and never by a fault of its own', async () => {
  const { ask, url } = await memoryAdmin();
  const document = await (await fetch(`${url}/v1/openapi.json`)).json();
  const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
  );
  expect(operations.length).toBeGreaterThan(5);
  const anything = fc.record({
    at: fc.nat(operations.length - 1),
    values: fc.array(value, { minLength: 8, maxLength: 8 }),
    body: fc.option(body),
    contentType: fc.constantFrom('application/json', 'application/json; charset=utf-16', 'text/plain', ''),
    extra: fc.option(value),
  });
  await fc.assert(
    fc.asyncProperty(anything, async ({ at, values, body: sent, contentType, extra }) => {
      const { path, method, operation } = operations[at] as (typeof operations)[number];
      const next = values[Symbol.iterator]();
      const draw = () => encodeURIComponent(next.next().value ?? 'x');
      const target = path.replace(/\{\w+\}/g, () => draw() || 'x');
      const query = (operation.parameters ?? [])
        .filter(parameter => parameter.in === 'query')
        .map(({ name }) => `${name}=${draw()}`);
      if (extra !== null) query.push(encodeURIComponent(extra));
      const hasBody = sent !== null && method !== 'GET';
      const answer = await ask(method, `${target}?${query.join('&')}`, {
        ...(hasBody && { body: sent, headers: contentType ? { 'content-type': contentType } : {} }),
      });
      expect(answer.status, `${method} ${target}: ${JSON.stringify(answer.body)}`).not.toBe(500);
      if (answer.status < 400) expect(Object.keys(operation.responses)).toContain(String(answer.status));
      else expect(Object.keys(problemCodes)).toContain(answer.body.code);
    }),
    { numRuns: 300 },
  );
  expect((await ask('GET', '/v1/nodes')).status).toBe(200);
}, 240_000);
