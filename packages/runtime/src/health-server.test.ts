import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../../test/support/free-port.js';
import { HealthServer } from './health-server.js';
import { createLogger } from './logger.js';
import { createRegistry } from './metrics.js';
import { Readiness } from './readiness.js';

let isRedisUp = true;
const readiness = new Readiness({ redis: () => isRedisUp });
let server: HealthServer;
let url: string;
beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const log = createLogger({ name: 'test', level: 'silent' });
  server = new HealthServer({ host: '127.0.0.1', port, readiness, registry: createRegistry(), log });
  await server.start();
});
afterAll(() => server.stop());

const get = async (path: string, method = 'GET') => {
  const response = await fetch(`${url}${path}`, { method });
  return { status: response.status, body: await response.text() };
};

it('[R-NODE-2] tells life from readiness', async () => {
  expect(await get('/readyz')).toEqual({ status: 200, body: '{"ready":true,"problems":[]}' });
  isRedisUp = false;
  readiness.isDraining = true;
  expect(await get('/readyz?verbose')).toEqual({
    status: 503,
    body: '{"ready":false,"problems":["draining","redis"]}',
  });
  expect(await get('/livez')).toEqual({ status: 200, body: '{"alive":true}' });
});

it('serves metrics, and nothing else', async () => {
  expect((await get('/metrics')).body).toContain('process_cpu_seconds_total');
  expect((await get('/')).status).toBe(404);
  expect((await get('/livez', 'POST')).status).toBe(404);
});
