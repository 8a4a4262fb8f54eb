import type { RoomView } from '@manycast/core';
import { asMediaServerUrl } from '@manycast/protocol';
import { createRegistry } from '@manycast/runtime';
import { expect, it } from 'vitest';
import { ControllerMetrics } from './controller-metrics.js';

const server = asMediaServerUrl('ws://media-0:8888/kurento');

function stage() {
  const registry = createRegistry();
  return { registry, metrics: new ControllerMetrics(registry) };
}

const view = (state: RoomView['state'], endpoints: number): RoomView =>
  ({
    state,
    sessions: new Map(
      Array.from({ length: endpoints }, (_, index) => [String(index), { media: { server } }]),
    ),
  }) as unknown as RoomView;

it('shows the pool as it is when the scrape comes', async () => {
  const { registry, metrics } = stage();
  const servers = [{ url: server, capacity: 300, reserved: 12, state: 'draining' }] as never;
  metrics.watch({
    servers: async () => servers,
    jobs: { expiry: async () => ({ waiting: 1, delayed: 4 }) },
    isRedisReady: () => true,
  });
  const text = await registry.metrics();
  expect(text).toContain(`manycast_pool_server_reserved_endpoints{server="${server}"} 12`);
  expect(text).toContain(`manycast_pool_server_capacity_endpoints{server="${server}"} 300`);
  expect(text).toContain('manycast_jobs{queue="expiry",state="delayed"} 4');
  expect(text).toContain(`manycast_pool_server_state{server="${server}",state="draining"} 1`);
  expect(text).toContain(`manycast_pool_server_state{server="${server}",state="up"} 0`);
  expect(text).toContain('manycast_redis_up 1');
});

it('leaves out what cannot be asked, and answers all the same', async () => {
  const { registry, metrics } = stage();
  metrics.watch({
    servers: () => Promise.reject(new Error('away')),
    jobs: { expiry: () => new Promise(() => {}) },
    isRedisReady: () => false,
  });
  const text = await registry.metrics();
  expect(text).not.toMatch(/^manycast_pool_server_reserved_endpoints\{/m);
  expect(text).not.toMatch(/^manycast_jobs\{/m);
  expect(text).toContain('manycast_redis_up 0');
});

it('counts rooms by state and sessions by server, and says so of a server that has none left', async () => {
  const { registry, metrics } = stage();
  metrics.seen([view('live', 3), view('live', 1), view('starting', 0), view('ended', 0)]);
  const text = await registry.metrics();
  expect(text).toContain('manycast_rooms{state="live"} 2');
  expect(text).toContain('manycast_rooms{state="starting"} 1');
  expect(text).toContain(`manycast_pool_server_sessions{server="${server}"} 4`);
  metrics.seen([]);
  const later = await registry.metrics();
  expect(later).toContain('manycast_rooms{state="live"} 0');
  expect(later).toContain(`manycast_pool_server_sessions{server="${server}"} 0`);
});
