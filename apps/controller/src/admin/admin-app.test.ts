import { SignalError } from '@manycast/protocol';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { memoryAdmin, readToken } from '../testing/memory-admin.js';
import { openHere } from './admission.js';
import { type Route, route } from './route.js';

const echo = (): Route[] => [
  route({
    access: 'write',
    method: 'post',
    path: '/v1/things/:thing',
    summary: 'An order',
    params: z.object({ thing: z.string().regex(/^[a-z]+$/, 'must be a-z') }),
    query: z.strictObject({ twice: z.string().optional() }),
    body: z.strictObject({ size: z.number().int().max(9), password: z.string().optional() }),
    secret: ['password'],
    status: 202,
    answer: z.object({ said: z.unknown() }),
    handle: async ({ params, body, caller }) => ({ said: { params, size: body.size, by: caller.name } }),
  }),
  route({
    access: 'read',
    method: 'get',
    path: '/v1/failures/:kind',
    summary: 'Fails',
    params: z.object({ kind: z.string() }),
    answer: z.object({}),
    handle: async ({ params }) => {
      if (params.kind === 'outage') throw new SignalError('unavailable', { retryAfterMs: 1_500 });
      throw new Error('something secret');
    },
  }),
];

describe('an order', () => {
  it('is carried out for who may write', async () => {
    const { ask } = await memoryAdmin({ routes: echo });
    const answer = await ask('POST', '/v1/things/abc', { body: { size: 3 } });
    expect(answer).toMatchObject({
      status: 202,
      body: { said: { params: { thing: 'abc' }, size: 3, by: 'writer' } },
    });
  });

  it.each([
    ['no token', { token: null }, 401, 'unauthenticated'],
    ['an unknown token', { token: 'token-of-nobody-here' }, 401, 'unauthenticated'],
    ['a token that may only read', { token: readToken }, 403, 'forbidden'],
  ])('is refused with %s', async (_what, { token }, status, code) => {
    const { ask } = await memoryAdmin({ routes: echo });
    const answer = await ask('POST', '/v1/things/abc', { token, body: { size: 3 } });
    expect(answer).toMatchObject({ status, body: { code, message: expect.any(String) } });
    expect(answer.headers.has('www-authenticate')).toBe(status === 401);
  });

  it.each([
    ['/v1/things/ABC', { size: 3 }, 'thing', /must be a-z/],
    ['/v1/things/abc', { size: 10 }, 'size', /9/],
    ['/v1/things/abc', { size: 3, color: 1 }, 'color', /no such field/],
    ['/v1/things/abc?often=1', { size: 3 }, 'often', /no such field/],
    ['/v1/things/abc', {}, 'size', /number/],
  ])('%s with %j is refused by the name of %s', async (path, body, field, message) => {
    const { ask } = await memoryAdmin({ routes: echo });
    expect(await ask('POST', path, { body })).toMatchObject({
      status: 400,
      body: { code: 'invalid-parameter', field, message: expect.stringMatching(message) },
    });
  });

  it.each([
    ['{"size":', 400, 'invalid-json', 'application/json'],
    ['[1]', 400, 'invalid-parameter', 'application/json'],
    ['size=3', 415, 'not-json', 'application/x-www-form-urlencoded'],
    [`{"size":3,"password":"${'x'.repeat(70_000)}"}`, 413, 'too-large', 'application/json'],
  ])('a body like %.12s is answered %i %s', async (body, status, code, type) => {
    const { ask } = await memoryAdmin({ routes: echo });
    const answer = await ask('POST', '/v1/things/abc', { body, headers: { 'content-type': type } });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it('is logged when it comes and when it is answered, without secrets, at any log level', async () => {
    const { ask, lines } = await memoryAdmin({ routes: echo });
    await ask('POST', '/v1/things/abc', { body: { size: 3, password: 'hidden-words' } });
    await ask('POST', '/v1/things/abc', { body: { size: 30 } });
    await expect.poll(() => lines.filter(({ audit }) => audit).length).toBe(4);
    const [received, answered, , refused] = lines.filter(({ audit }) => audit);
    expect(received).toMatchObject({ caller: 'writer', method: 'POST', params: { thing: 'abc' } });
    expect(answered).toMatchObject({ order: received?.order, status: 202, body: { size: 3 } });
    expect(refused).toMatchObject({ status: 400, problem: 'invalid-parameter' });
    expect(JSON.stringify(lines)).not.toContain('hidden-words');
  });
});

describe('any request', () => {
  it('during an outage is told when to come again', async () => {
    const { get } = await memoryAdmin({ routes: echo });
    const answer = await get('/v1/failures/outage');
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable', retryAfterMs: 1_500 } });
    expect(answer.headers.get('retry-after')).toBe('2');
  });

  it('that meets a fault is told nothing of its inside, which is in the log', async () => {
    const { get, lines } = await memoryAdmin({ routes: echo });
    const answer = await get('/v1/failures/bug');
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(JSON.stringify(lines)).toContain('something secret');
  });

  it('for a path or with a method that is not there says which are', async () => {
    const { get, ask } = await memoryAdmin({ routes: echo });
    expect(await get('/v1/nothing')).toMatchObject({ status: 404, body: { code: 'no-such-path' } });
    const wrong = await ask('DELETE', '/v1/things/abc');
    expect(wrong).toMatchObject({ status: 405, body: { code: 'no-such-method' } });
    expect(wrong.headers.get('allow')).toBe('POST');
    expect(await get('/v1/things/%zz')).toMatchObject({ status: 400, body: { code: 'invalid-parameter' } });
  });
});

describe('an open admin API', () => {
  it('serves this machine', async () => {
    const { get } = await memoryAdmin({ admission: openHere });
    expect(await get('/v1/nodes', { token: null })).toMatchObject({ status: 200 });
    const origin = 'http://localhost:8080';
    expect(await get('/v1/nodes', { token: null, headers: { origin } })).toMatchObject({ status: 200 });
  });

  it('refuses the pages of other sites', async () => {
    const { get } = await memoryAdmin({ admission: openHere });
    const answer = await get('/v1/nodes', { token: null, headers: { origin: 'https://example.org' } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'foreign-origin' } });
  });

  it.each([
    ['localhost:8190', true],
    ['127.0.0.1:8190', true],
    ['[::1]:8190', true],
    ['rebound.example.org:8190', false],
    ['127.0.0.1.example.org', false],
    [undefined, false],
  ])('asked as %s lets in: %s', (host, isLetIn) => {
    const request = { headers: { host } } as Parameters<typeof openHere>[0];
    if (isLetIn) expect(openHere(request)).toMatchObject({ role: 'write' });
    else expect(() => openHere(request)).toThrow();
  });
});

describe('the OpenAPI document', () => {
  it('is valid, needs no token, and has every route with its answers and problems', async () => {
    const { get } = await memoryAdmin();
    const { status, body } = await get('/v1/openapi.json', { token: null });
    expect(status).toBe(200);
    expect(await new Validator().validate(structuredClone(body))).toEqual({ valid: true });
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toContain('/v1/rooms/{room}');
    const room = body.paths['/v1/rooms/{room}'].get;
    expect(room.parameters).toMatchObject([{ name: 'room', in: 'path', required: true }]);
    expect(room.responses['404'].description).toContain('room-unknown');
    expect(room.responses['200'].content['application/json'].schema.$ref).toBe('#/components/schemas/Room');
    expect(body.components.schemas.Problem.required).toEqual(['code', 'message']);
  });

  it('leaves no reference without its schema', async () => {
    const { body } = await (await memoryAdmin()).get('/v1/openapi.json');
    const names = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(body.components.schemas).toHaveProperty([String(name)]);
  });
});
