import { type Benchmark, figure } from './benchmark.js';
import { type JoinSide, joinSides } from './join-stand.js';
import { byShare, percentile } from './samples.js';
import { WireSocket } from './wire-socket.js';

const warmUps = 150;

/** One viewer at a time, ours and the peer's in turn: whatever disturbs the machine disturbs both. */
export const joinLatency: Benchmark = {
  names: ['join-p50', 'join-p99'],
  about:
    'a viewer’s join, offer to answer, one at a time; peer: the single-process baseline on the same media server',
  async run(stand, options) {
    const sides = await joinSides(stand, options, 1);
    const joins = options.isQuick ? 1_500 : 6_000;
    const tookMs = { ours: [] as number[], peer: [] as number[] };
    for (let index = 0; index < warmUps + joins; index += 1) {
      // Whoever is second finds the media server warm: they take turns at that, too.
      for (const side of index % 2 ? sides : sides.toReversed()) {
        const ms = await joinOnce(side);
        if (index >= warmUps) tookMs[side.name].push(ms);
      }
    }
    stand.plot = {
      title: 'A viewer’s join, ms',
      xLabel: '% took no longer',
      // The last hundredth would be all that is seen.
      series: sides.map(({ name }) => ({ name, values: byShare(tookMs[name]).slice(0, 100) })),
    };
    return (
      [
        ['join-p50', 0.5],
        ['join-p99', 0.99],
      ] as const
    ).map(([name, part]) => figure(name, percentile(tookMs.ours, part), percentile(tookMs.peer, part), 'ms'));
  },
};

async function joinOnce({ url, rooms: [room = ''] }: JoinSide): Promise<number> {
  const viewer = await WireSocket.open(url);
  const offeredAt = performance.now();
  await viewer.join('viewer', room);
  const ms = performance.now() - offeredAt;
  viewer.terminate();
  return ms;
}
