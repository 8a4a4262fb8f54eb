import { createLogger } from '@manycast/runtime';
import { expect, it } from 'vitest';
import { EndpointEvents } from './endpoint-events.js';
import { IceGate } from './ice-gate.js';

const turn = () => new Promise(resolve => setImmediate(resolve));

it('is silent until asked, then tells all in order, and goes on telling', async () => {
  const events = new EndpointEvents(createLogger({ name: 'test', level: 'fatal' }));
  const told: unknown[] = [];
  events.on('candidate', candidate => told.push(candidate));
  events.on('ice-state', state => told.push(state));
  events.on('gathering-done', () => told.push('done'));
  const gate = new IceGate(events);
  gate.carrier = { sdpMid: 'v', sdpMLineIndex: 1 };
  gate.onState('checking');
  gate.onCandidate('one');
  gate.onGatheringDone();
  gate.onGatheringDone();
  await turn();
  expect(told).toEqual([]);
  gate.open();
  gate.open();
  gate.onState('completed');
  await turn();
  expect(told).toEqual([
    'GATHERING',
    'CONNECTING',
    { candidate: 'one', sdpMid: 'v', sdpMLineIndex: 1 },
    'done',
    'READY',
  ]);
});
