import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { KurentoSession } from '../support/kurento-session.js';
import { type Benchmark, figure } from './benchmark.js';
import { cpuSeconds } from './cpu-time.js';
import { MediaPeer } from './media-peer.js';
import { percentile } from './samples.js';
import type { Stand } from './stand.js';

const patienceMs = 20;
const step = { quick: 100, full: 30 };
const mostViewers = 900;
const settleMs = 700;
const measureMs = { quick: 1_000, full: 3_000 };
/** No further level is begun after that: what carries more than it came to is not told apart. */
const withinMs = { quick: 36_000, full: 600_000 };
/** Of each server’s viewers, those whose packets are timed. */
const timed = 12;

interface Side {
  name: 'ours' | 'peer';
  pid: number;
  publisher: MediaPeer;
  viewers: MediaPeer[];
  addViewer(viewer: MediaPeer): Promise<void>;
  /** How many viewers, and the p99 of the delay with them. */
  levels: { viewers: number; p99: number; cpu: number }[];
}

/** Both servers on one processor, in turn; publisher and viewers on the others. */
export const embeddedMedia: Benchmark = {
  names: ['embedded-media'],
  about:
    'viewers of 1 Mbit/s on one CPU at a p99 forwarding delay of 20 ms; peer: a bare forwarding loop on the same library',
  async run(stand, options) {
    const sides = [await ours(stand), await bareLoop(stand)];
    for (const { pid } of sides) pin(pid, '0');
    if (cpus().length > 1) {
      pin(process.pid, `1-${cpus().length - 1}`);
      stand.onEnd(() => pin(process.pid, `0-${cpus().length - 1}`));
    }
    const mode = options.isQuick ? 'quick' : 'full';
    const endsAt = performance.now() + withinMs[mode];
    const mayGoOn = () => sides.some(isFit) && performance.now() < endsAt;
    for (const side of sides) await connect(side, 'publisher', side.publisher);
    for (let count = 0; count < mostViewers && mayGoOn(); count += step[mode]) {
      for (const side of sides.filter(isFit)) {
        const more = Array.from(
          { length: step[mode] },
          (_, index) => new MediaPeer('viewer', index < timed && side.viewers.length === 0),
        );
        for (let from = 0; from < more.length; from += 10)
          await Promise.all(more.slice(from, from + 10).map(viewer => connect(side, 'viewer', viewer)));
        side.viewers.push(...more);
        await measure(side, measureMs[mode]);
        // A moment that somebody else took is no bound: it is one that is met twice.
        if (!isFit(side)) {
          side.levels.pop();
          await measure(side, measureMs[mode]);
        }
      }
    }
    for (const { name } of sides.filter(isFit))
      stand.notes.push(`${name} was still below the line when the time or the viewers were over`);
    for (const { name, levels } of sides) {
      const all = levels.map(
        ({ viewers, p99, cpu }) => `${viewers}: ${p99.toFixed(1)} ms, ${Math.round(100 * cpu)} %`,
      );
      stand.notes.push(`${name}, viewers: p99, CPU: ${all.join('; ')}`);
    }
    stand.plot = {
      title: 'p99 of the forwarding delay with more and more viewers of 1 Mbit/s on one CPU, ms',
      xLabel: 'viewers',
      lastX: Math.max(...sides.map(({ viewers }) => viewers.length)),
      series: sides.map(({ name, levels }) => ({ name, values: [0, ...levels.map(({ p99 }) => p99)] })),
    };
    const [own, peer] = sides.map(capacity) as [number, number];
    return [figure('embedded-media', own, peer, 'viewers')];

    async function connect(side: Side, role: string, peer: MediaPeer): Promise<void> {
      stand.onEnd(() => peer.close());
      if (role === 'viewer') await side.addViewer(peer);
      await peer.untilOpen();
    }
  },
};

const isFit = ({ levels }: Side): boolean => (levels.at(-1)?.p99 ?? 0) <= patienceMs;

/** Where the delay crosses the line, between the last level that was below it and the first above. */
function capacity({ levels }: Side): number {
  const above = levels.at(-1);
  const below = levels.at(-2) ?? { viewers: 0, p99: 0 };
  if (!above || above.p99 <= patienceMs) return above?.viewers ?? 0;
  const part = (patienceMs - below.p99) / (above.p99 - below.p99);
  return Math.round(below.viewers + part * (above.viewers - below.viewers));
}

async function measure(side: Side, forMs: number): Promise<void> {
  const delays: number[] = [];
  side.publisher.start();
  await pause(settleMs);
  const [before, startedAt] = [cpuSeconds(side.pid), performance.now()];
  for (const viewer of side.viewers) viewer.onDelay = ms => delays.push(ms);
  await pause(forMs);
  const cpu = (cpuSeconds(side.pid) - before) / ((performance.now() - startedAt) / 1_000);
  for (const viewer of side.viewers) viewer.onDelay = undefined;
  side.publisher.pause();
  // What is still queued belongs to nobody's measurement.
  await pause(200);
  side.levels.push({
    viewers: side.viewers.length,
    // Nothing came at all: it is far beyond the line.
    p99: delays.length > 0 ? percentile(delays, 0.99) : Number.POSITIVE_INFINITY,
    cpu,
  });
}

async function ours(stand: Stand): Promise<Side> {
  const media = await stand.mediaServer('webrtc');
  const session = await KurentoSession.open(media.url);
  const pipeline = await session.createPipeline();
  const peers = new Map<string, MediaPeer>();
  session.socket.onNotification(({ params: { value } }) => {
    if (value.type === 'IceCandidateFound')
      peers.get(value.object)?.addCandidate(value.data.candidate.candidate);
  });
  const attach = async (peer: MediaPeer): Promise<string> => {
    const endpoint = await session.createEndpoint(pipeline);
    peers.set(endpoint, peer);
    await session.subscribe(endpoint, 'IceCandidateFound');
    peer.accept(await session.invoke(endpoint, 'processOffer', { offer: await peer.offer() }));
    await session.invoke(endpoint, 'gatherCandidates');
    return endpoint;
  };
  const publisher = new MediaPeer('publisher');
  const source = await attach(publisher);
  return {
    name: 'ours',
    pid: media.process.pid,
    publisher,
    viewers: [],
    levels: [],
    addViewer: async viewer => {
      await session.invoke(source, 'connect', { sink: await attach(viewer) });
    },
  };
}

async function bareLoop(stand: Stand): Promise<Side> {
  const { port, process } = await stand.peer('forwarding-loop.mjs');
  const attach = async (peer: MediaPeer, role: string) => {
    const body = await peer.offer();
    peer.accept(await (await fetch(`http://127.0.0.1:${port}/${role}`, { method: 'POST', body })).text());
  };
  const publisher = new MediaPeer('publisher');
  await attach(publisher, 'publisher');
  return {
    name: 'peer',
    pid: process.pid,
    publisher,
    viewers: [],
    levels: [],
    addViewer: viewer => attach(viewer, 'viewer'),
  };
}

/** All threads of a process, those to come included. */
function pin(pid: number, processors: string): void {
  execFileSync('taskset', ['-a', '-p', '-c', processors, String(pid)], { stdio: 'ignore' });
}
