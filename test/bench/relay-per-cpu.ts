import { type Benchmark, figure } from './benchmark.js';
import { cpuSeconds } from './cpu-time.js';
import { type Pair, type RelaySide, relaySides } from './relay-stand.js';

const pairs = 40;
/** Said and not yet heard, per pair: enough to keep every process busy. */
const underWay = 8;
const roundMs = 1_500;

/** As much as goes through, and what it costs: CPU of both nodes and of Redis, not of the clients. */
export const relayPerCpu: Benchmark = {
  names: ['relay-per-cpu'],
  about:
    'chat messages from node to node per CPU second of nodes and Redis; peer: socket.io with its Redis adapter',
  async run(stand, options) {
    const sides = await relaySides(stand, pairs);
    const rounds = options.isQuick ? 6 : 16;
    const sum = { ours: { messages: 0, cpu: [0, 0, 0] }, peer: { messages: 0, cpu: [0, 0, 0] } };
    for (let round = -2; round < rounds; round += 1) {
      for (const side of round % 2 ? sides : sides.toReversed()) {
        const before = side.processes.map(({ pid }) => cpuSeconds(pid));
        const messages = await saturate(side);
        if (round < 0) continue;
        sum[side.name].messages += messages;
        for (const [index, { pid }] of side.processes.entries())
          sum[side.name].cpu[index] =
            (sum[side.name].cpu[index] ?? 0) + cpuSeconds(pid) - (before[index] ?? 0);
      }
    }
    const total = (name: RelaySide['name']) => sum[name].cpu.reduce((all, each) => all + each, 0);
    for (const { name, processes } of sides) {
      const { messages, cpu } = sum[name];
      const each = processes.map(
        (process, index) => `${process.name} ${((1e6 * (cpu[index] ?? 0)) / messages).toFixed(0)} µs`,
      );
      stand.notes.push(
        `${name}: ${Math.round(messages / rounds / (roundMs / 1_000))} messages/s went through; CPU per message: ${each.join(', ')}`,
      );
    }
    const perCpu = (name: RelaySide['name']) => sum[name].messages / total(name);
    return [figure('relay-per-cpu', perCpu('ours'), perCpu('peer'), 'messages per CPU second')];
  },
};

let names = 0;

/** Returns how many were heard. */
async function saturate({ pairs }: RelaySide): Promise<number> {
  let heard = 0;
  const endsAt = performance.now() + roundMs;
  const keepBusy = (pair: Pair) =>
    new Promise<void>(resolve => {
      let open = underWay;
      const say = () => pair.say(`m${++names}`);
      pair.onHeard = () => {
        heard += 1;
        if (performance.now() < endsAt) return say();
        open -= 1;
        if (open === 0) resolve();
      };
      for (let index = 0; index < underWay; index += 1) say();
    });
  await Promise.all(pairs.map(keepBusy));
  return heard;
}
