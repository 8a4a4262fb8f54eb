import { setTimeout as pause } from 'node:timers/promises';
import { readMetric } from '../support/metric.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { waitFor } from '../support/wait-for.js';
import { type Benchmark, figure } from './benchmark.js';
import { cpuSeconds } from './cpu-time.js';
import { median, percentile } from './samples.js';
import type { Stand } from './stand.js';
import { type Answer, WireSocket } from './wire-socket.js';

const sessions = 5_000;
const rooms = 25;
const atOnce = 50;

/** Nobody waits before coming back, as clients would: the worst that can happen. */
export const resumeStorm: Benchmark = {
  names: ['resume-storm'],
  about:
    '5,000 sessions of a killed node resume on two others; peer: 5,000 sockets of a killed bare ws server open on two others',
  async run(stand, options) {
    const [redis, media] = await Promise.all([stand.redis(), stand.mediaServer()]);
    const start = () =>
      stand.node({ redisUrl: redis.url, mediaServers: [media.url], env: { MANYCAST_DRAIN_MS: '0' } });
    const others = await Promise.all([start(), start()]);
    const bare = await Promise.all([stand.peer('ws-sockets.mjs'), stand.peer('ws-sockets.mjs')]);
    const rounds = options.isQuick ? 1 : 3;
    const took = { ours: [] as number[], peer: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      took.peer.push(
        await bareStorm(
          stand,
          bare.map(({ port }) => `ws://127.0.0.1:${port}`),
        ),
      );
      const doomed = await start();
      const processes = [
        ...others.map(({ process }) => ({ name: 'nodes', pid: process.pid })),
        { name: 'Redis', pid: redis.process.pid },
        { name: 'media server', pid: media.process.pid },
        { name: 'clients', pid: 'self' as const },
      ];
      took.ours.push(await storm(stand, doomed, others, round, processes));
      took.peer.push(
        await bareStorm(
          stand,
          bare.map(({ port }) => `ws://127.0.0.1:${port}`),
        ),
      );
    }
    return [
      figure('resume-storm', median(took.ours), median(took.peer), 'ms, from the kill to the last one'),
    ];
  },
};

async function storm(
  stand: Stand,
  doomed: SignalingNode,
  others: SignalingNode[],
  round: number,
  processes: { name: string; pid: number | 'self' }[],
): Promise<number> {
  const url = (node: SignalingNode, index: number) =>
    `${node.wsUrl('/one2many')}?room=storm-${round}-${index % rooms}`;
  const members: { socket: WireSocket; token: string }[] = [];
  const join = async (index: number) => {
    const { socket, welcome } = await WireSocket.openModern(url(doomed, index));
    await socket.join(index < rooms ? 'presenter' : 'viewer', `storm-${round}-${index % rooms}`);
    members[index] = { socket, token: String(welcome.resumeToken) };
  };
  for (let from = 0; from < sessions; from += from < rooms ? rooms : atOnce) {
    const count = Math.min(from < rooms ? rooms : atOnce, sessions - from);
    await Promise.all(Array.from({ length: count }, (_, offset) => join(from + offset)));
  }
  const carried: WireSocket[] = [];
  const resumedAfterMs: number[] = [];
  const renegotiating = { count: 0 };
  const usedBefore = processes.map(({ pid }) => cpuSeconds(pid));
  const startedAt = performance.now();
  const resumed = members.map(
    ({ socket, token }, index) =>
      new Promise<void>((resolve, reject) => {
        socket.onClose = () => {
          const other = others[index % others.length] as SignalingNode;
          resume(url(other, index), token).then(({ socket: next, answer }) => {
            if (answer.renegotiate) renegotiating.count += 1;
            resumedAfterMs.push(performance.now() - startedAt);
            carried.push(next);
            resolve();
          }, reject);
        };
      }),
  );
  doomed.process.kill('SIGKILL');
  await Promise.all(resumed);
  const ms = performance.now() - startedAt;
  const used = new Map<string, number>();
  for (const [index, { name, pid }] of processes.entries())
    used.set(name, (used.get(name) ?? 0) + cpuSeconds(pid) - (usedBefore[index] ?? 0));
  const perResume = [...used].map(
    ([name, seconds]) => `${name} ${((1_000 * seconds) / sessions).toFixed(2)} ms`,
  );
  stand.notes.push(
    `CPU per resume: ${perResume.join(', ')}`,
    `resumed after: p50 ${Math.round(percentile(resumedAfterMs, 0.5))} ms, p99 ${Math.round(percentile(resumedAfterMs, 0.99))} ms; told to try again later ${retries} times; asked to offer again: ${renegotiating.count}`,
  );
  // The next round has the nodes, and as many open files as a process may have, to itself.
  for (const socket of carried) socket.terminate();
  const areGone = async () =>
    (await Promise.all(others.map(({ httpUrl }) => readMetric(httpUrl, 'manycast_sockets')))).every(
      count => count === 0,
    );
  await waitFor('the sockets of this round to be gone', areGone, { timeoutMs: 60_000 });
  return ms;
}

/** As clients do: who is told when to try again does so then, on another socket. */
async function resume(url: string, resumeToken: string): Promise<{ socket: WireSocket; answer: Answer }> {
  const { socket } = await WireSocket.openModern(url);
  socket.send({ id: 'resume', resumeToken, seq: 0 });
  const answer = await socket.next('resume');
  if (answer.id === 'resumed') return { socket, answer };
  if (!answer.retryAfterMs) throw new Error(`not resumed: ${JSON.stringify(answer)}`);
  retries += 1;
  socket.terminate();
  await pause(answer.retryAfterMs);
  return resume(url, resumeToken);
}

let retries = 0;

/** The same clients, the same kill, two servers that do nothing but accept. */
async function bareStorm(stand: Stand, others: string[]): Promise<number> {
  const doomed = await stand.peer('ws-sockets.mjs');
  const sockets: WireSocket[] = [];
  for (let from = 0; from < sessions; from += atOnce)
    sockets.push(
      ...(await Promise.all(
        Array.from({ length: atOnce }, () => WireSocket.open(`ws://127.0.0.1:${doomed.port}`)),
      )),
    );
  const startedAt = performance.now();
  const back = sockets.map(
    (socket, index) =>
      new Promise<WireSocket>((resolve, reject) => {
        socket.onClose = () =>
          void WireSocket.open(others[index % others.length] as string).then(resolve, reject);
      }),
  );
  doomed.process.kill('SIGKILL');
  const reopened = await Promise.all(back);
  const ms = performance.now() - startedAt;
  for (const socket of reopened) socket.terminate();
  return ms;
}
