import { type Benchmark, figure } from './benchmark.js';
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
    const sum = { ours: { messages: 0, cpu: 0 }, peer: { messages: 0, cpu: 0 } };
    for (let round = -2; round < rounds; round += 1) {
      for (const side of round % 2 ? sides : sides.toReversed()) {
        const before = side.cpuSeconds();
        const messages = await saturate(side);
        if (round < 0) continue;
        sum[side.name].messages += messages;
        sum[side.name].cpu += side.cpuSeconds() - before;
      }
    }
    for (const { name } of sides)
      stand.notes.push(
        `${name}: ${Math.round(sum[name].messages / rounds / (roundMs / 1_000))} messages/s went through`,
      );
    const perCpu = (name: RelaySide['name']) => sum[name].messages / sum[name].cpu;
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
