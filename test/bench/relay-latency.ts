import { setTimeout as pause } from 'node:timers/promises';
import { type Benchmark, figure } from './benchmark.js';
import { type RelaySide, relaySides } from './relay-stand.js';
import { byShare, percentile } from './samples.js';

const pairs = 40;
const perSecond = 1_000;
const roundMs = 2_000;

/** Said at fixed times, whatever has become of those before: a slow server does not slow its load down. */
export const relayLatency: Benchmark = {
  names: ['relay-p99'],
  about: `chat messages from node to node at ${perSecond} a second; peer: socket.io with its Redis adapter`,
  async run(stand, options) {
    const sides = await relaySides(stand, pairs);
    const rounds = options.isQuick ? 6 : 20;
    const tookMs = { ours: [] as number[], peer: [] as number[] };
    for (let round = -1; round < rounds; round += 1) {
      for (const side of round % 2 ? sides : sides.toReversed()) {
        const took = await offer(side);
        if (round >= 0) tookMs[side.name].push(...took);
      }
    }
    for (const { name } of sides)
      stand.notes.push(`${name}: p50 ${percentile(tookMs[name], 0.5).toFixed(2)} ms`);
    stand.plot = {
      title: 'A message of the chat from node to node, ms',
      xLabel: '% took no longer',
      series: sides.map(({ name }) => ({ name, values: byShare(tookMs[name]).slice(0, 100) })),
    };
    return [figure('relay-p99', percentile(tookMs.ours, 0.99), percentile(tookMs.peer, 0.99), 'ms')];
  },
};

let names = 0;

/** Each message's way from its sender to its listener, in ms; from when it was due to be said. */
async function offer({ pairs: all }: RelaySide): Promise<number[]> {
  const due = new Map<string, number>();
  const tookMs: number[] = [];
  for (const pair of all) {
    pair.onHeard = name => {
      const at = due.get(name);
      if (at === undefined) return;
      due.delete(name);
      tookMs.push(performance.now() - at);
    };
  }
  const startedAt = performance.now();
  const total = (perSecond * roundMs) / 1_000;
  for (let said = 0; said < total; ) {
    const dueNow = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1_000));
    for (; said < dueNow; said += 1) {
      const name = `m${++names}`;
      due.set(name, startedAt + (said * 1_000) / perSecond);
      all[said % all.length]?.say(name);
    }
    await pause(1);
  }
  const deadline = performance.now() + 10_000;
  while (due.size > 0 && performance.now() < deadline) await pause(5);
  if (due.size > 0) throw new Error(`${due.size} of ${total} messages were never heard`);
  return tookMs;
}
