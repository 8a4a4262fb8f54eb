import { type Benchmark, figure } from './benchmark.js';
import { cpuSeconds } from './cpu-time.js';
import { type JoinSide, joinSides } from './join-stand.js';
import { median } from './samples.js';
import { WireSocket } from './wire-socket.js';

const rooms = 8;
const viewersPerRound = 500;
/** Enough to keep every process busy; more would only wait in queues. */
const inFlight = 64;

/** Sockets are open before and closed after: only joins are timed. */
export const joinThroughput: Benchmark = {
  names: ['join-throughput'],
  about: 'viewers joining 8 rooms, 64 at a time; peer: the single-process baseline on the same media server',
  async run(stand, options) {
    // The peer at its best: as it comes it stands still after half a minute of this.
    const sides = await joinSides(stand, { ...options, keptMs: 1 }, rooms);
    const rounds = options.isQuick ? 7 : 31;
    const perSecond = { ours: [] as number[], peer: [] as number[] };
    const cpu = { ours: new Map<string, number>(), peer: new Map<string, number>() };
    for (let round = -2; round < rounds; round += 1) {
      for (const side of round % 2 ? sides : sides.toReversed()) {
        const { rate, used } = await joinAll(side);
        if (round < 0) continue;
        perSecond[side.name].push(rate);
        for (const [name, seconds] of used)
          cpu[side.name].set(name, (cpu[side.name].get(name) ?? 0) + seconds);
      }
    }
    for (const { name } of sides) {
      const perJoin = [...cpu[name]].map(
        ([process, seconds]) =>
          `${process} ${((1_000 * seconds) / (rounds * viewersPerRound)).toFixed(2)} ms`,
      );
      stand.notes.push(`CPU per join, ${name}: ${perJoin.join(', ')}`);
    }
    return [figure('join-throughput', median(perSecond.ours), median(perSecond.peer), 'joins/s')];
  },
};

async function joinAll(side: JoinSide): Promise<{ rate: number; used: Map<string, number> }> {
  const viewers: WireSocket[] = [];
  for (let from = 0; from < viewersPerRound; from += inFlight) {
    const count = Math.min(inFlight, viewersPerRound - from);
    viewers.push(...(await Promise.all(Array.from({ length: count }, () => WireSocket.open(side.url)))));
  }
  let next = 0;
  const before = side.processes.map(({ pid }) => cpuSeconds(pid));
  const startedAt = performance.now();
  const work = async () => {
    for (let viewer = viewers[next]; viewer; viewer = viewers[next]) {
      const room = side.rooms[next % side.rooms.length] ?? '';
      next += 1;
      await viewer.join('viewer', room);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  const seconds = (performance.now() - startedAt) / 1_000;
  const used = side.processes.map(({ name, pid }, index): [string, number] => [
    name,
    cpuSeconds(pid) - (before[index] ?? 0),
  ]);
  for (const viewer of viewers) viewer.terminate();
  await side.untilEmpty();
  return { rate: viewersPerRound / seconds, used: new Map(used) };
}
