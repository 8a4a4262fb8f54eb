import { setTimeout as pause } from 'node:timers/promises';
import { type Benchmark, figure } from './benchmark.js';
import { byShare, percentile } from './samples.js';
import { WireSocket } from './wire-socket.js';

const joins = 10_000;
const withinMs = 5_000;
const rooms = 50;
/** Who has no answer by then is lost. */
const patienceMs = 60_000;

/** More than two nodes on such a machine can do at once: what matters is what becomes of each. */
export const joinBurst: Benchmark = {
  names: ['join-burst'],
  about:
    '10,000 viewers offered to two nodes within 5 s, sockets included; each is answered, or told when to try again',
  async run(stand) {
    const [redis, media] = await Promise.all([stand.redis(), stand.mediaServer()]);
    // The presenters share a process with 10,000 who join, and cannot always answer a ping in time.
    const env = { MANYCAST_HEARTBEAT_MS: '600000' };
    const start = () => stand.node({ redisUrl: redis.url, mediaServers: [media.url], env });
    const nodes = await Promise.all([start(), start()]);
    const urls = nodes.map(node => node.wsUrl('/one2many'));
    for (let index = 0; index < rooms; index += 1) {
      const presenter = await WireSocket.open(urls[index % 2] as string);
      stand.onEnd(() => presenter.terminate());
      await presenter.join('presenter', `room-${index}`);
    }
    const answeredMs: number[] = [];
    const toldMs: number[] = [];
    const lost = new Map<string, number>();
    const lose = (why: string) => {
      lost.set(why, (lost.get(why) ?? 0) + 1);
    };
    const join = async (index: number) => {
      const startedAt = performance.now();
      const viewer = await WireSocket.open(urls[index % 2] as string);
      stand.onEnd(() => viewer.terminate());
      const answer = await viewer.offer('viewer', `room-${index % rooms}`);
      if (answer.response === 'accepted') answeredMs.push(performance.now() - startedAt);
      else if (answer.retryAfterMs) toldMs.push(performance.now() - startedAt);
      else lose(`refused without a time: ${answer.message}`);
    };
    const startedAt = performance.now();
    const all: Promise<void>[] = [];
    while (all.length < joins) {
      const due = Math.min(joins, Math.floor(((performance.now() - startedAt) * joins) / withinMs));
      while (all.length < due) all.push(join(all.length).catch(error => lose(error.message)));
      await pause(1);
    }
    const offeredMs = performance.now() - startedAt;
    await Promise.race([Promise.all(all), pause(patienceMs, undefined, { ref: false })]);
    const lostCount = joins - answeredMs.length - toldMs.length;
    for (const [why, count] of lost) stand.notes.push(`lost: ${count} (${why})`);
    stand.notes.push(
      `offered in ${(offeredMs / 1_000).toFixed(1)} s; answered ${answeredMs.length}, told when to try again ${toldMs.length}, lost ${lostCount}`,
      `answered after: p50 ${Math.round(percentile(answeredMs, 0.5))} ms, p99 ${Math.round(percentile(answeredMs, 0.99))} ms`,
      ...(toldMs.length > 0
        ? [
            `told to try again after: p50 ${Math.round(percentile(toldMs, 0.5))} ms, p99 ${Math.round(percentile(toldMs, 0.99))} ms`,
          ]
        : []),
    );
    stand.plot = {
      title: '10,000 joins in 5 s, each from its handshake to its answer, ms',
      xLabel: '% took no longer',
      series: [{ name: 'answered', values: byShare(answeredMs) }],
    };
    return [
      figure('join-burst', lostCount, null, 'joins lost of 10,000'),
      figure('join-burst-p99', percentile(answeredMs, 0.99), null, 'ms, of the answered'),
    ];
  },
};
