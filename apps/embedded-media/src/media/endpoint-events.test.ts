import { createLogger } from '@manycast/runtime';
import { expect, it } from 'vitest';
import { EndpointEvents } from './endpoint-events.js';

const log = createLogger({ name: 'test', level: 'fatal' });
const turn = () => new Promise(resolve => setImmediate(resolve));

it('outlives a listener that throws', async () => {
  const events = new EndpointEvents(log);
  const told: string[] = [];
  events.on('media-state', () => {
    throw new Error('mine');
  });
  events.on('media-state', state => told.push(state));
  events.emit('media-state', 'CONNECTED');
  expect(told).toEqual([]);
  await turn();
  expect(told).toEqual(['CONNECTED']);
});

it('says nothing more once closed, not even what was on its way', async () => {
  const events = new EndpointEvents(log);
  const told: string[] = [];
  events.on('media-state', state => told.push(state));
  events.emit('media-state', 'CONNECTED');
  events.close();
  events.emit('media-state', 'DISCONNECTED');
  await turn();
  expect(told).toEqual([]);
});
