import type { Cluster, EndpointEvent } from '@manycast/core';
import { createRegistry } from '@manycast/runtime';
import { expect, it } from 'vitest';
import { JoinClock } from './join-clock.js';
import { NodeMetrics } from './node-metrics.js';

const connected: EndpointEvent = { type: 'connection-state', state: 'connected' };
const flow = (direction: 'in' | 'out'): EndpointEvent => ({
  type: 'media-flow',
  direction,
  media: 'video',
  isFlowing: true,
});

function stage(role: 'presenter' | 'viewer') {
  const metrics = new NodeMetrics(createRegistry());
  let nowMs = 0;
  const clock = new JoinClock(role, metrics, () => nowMs);
  const values = async () => {
    const { values } = await metrics.joinPhaseSeconds.get();
    const ofKind = (suffix: string) =>
      values
        .filter(({ metricName, labels }) => metricName?.endsWith(suffix) && labels.role === role)
        .map(({ labels, value }) => [labels.phase, value] as const);
    return { sums: Object.fromEntries(ofKind('_sum')), counts: Object.fromEntries(ofKind('_count')) };
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { clock, values, pass };
}

it('adds up what was spent at Redis and at the media server, and tells it with the answer', async () => {
  const { clock, values } = stage('viewer');
  const soon = async () => ({ status: 'joined' });
  const { rooms, media } = clock.around({
    rooms: { join: soon, confirm: soon },
    pool: {},
    served: {},
    media: { view: soon },
  } as unknown as Cluster);
  await rooms.join({} as never);
  await media.view({} as never);
  await rooms.confirm({} as never);
  expect((await values()).counts).toMatchObject({ redis: 0, kms: 0 });
  clock.answered();
  expect((await values()).counts).toMatchObject({ redis: 1, kms: 1 });
});

it('measures connecting and the first media from the answer on, each once', async () => {
  const { clock, values, pass } = stage('viewer');
  clock.answered();
  pass(200);
  clock.onEndpointEvent(connected);
  pass(100);
  clock.onEndpointEvent(flow('in'));
  pass(5_000);
  clock.onEndpointEvent(connected);
  clock.onEndpointEvent(flow('in'));
  expect((await values()).sums).toMatchObject({ ice: 0.2, 'first-media': 0.3 });
  expect((await values()).counts).toMatchObject({ ice: 1, 'first-media': 1 });
});

it('takes for a presenter what flows out of its endpoint, for a viewer what flows in', async () => {
  const { clock, values } = stage('presenter');
  clock.answered();
  clock.onEndpointEvent(flow('in'));
  expect((await values()).counts).toMatchObject({ 'first-media': 0 });
  clock.onEndpointEvent(flow('out'));
  expect((await values()).counts).toMatchObject({ 'first-media': 1 });
});

it('leaves out what comes before the answer', async () => {
  const { clock, values } = stage('viewer');
  clock.onEndpointEvent(connected);
  clock.answered();
  expect((await values()).counts).toMatchObject({ ice: 0 });
});
