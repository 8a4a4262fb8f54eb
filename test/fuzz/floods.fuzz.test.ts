import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { cpuSeconds } from '../bench/cpu-time.js';
import { type RunningProcess, startProcess } from '../support/child-process.js';
import { printFigure } from '../support/figures.js';
import { readMetric } from '../support/metric.js';
import { handshake } from '../support/raw-http.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';

const honestCount = 200;
const p99 = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] as number;
const shown = (values: number[]) =>
  `median ${(values.toSorted((a, b) => a - b)[values.length >> 1] as number).toFixed(0)} ms, p99 ${p99(values).toFixed(0)} ms`;

/** The share of one processor that each has used since. */
function cpuOf(processes: Record<string, number | undefined>): () => string {
  const begunMs = performance.now();
  const named = Object.entries(processes).flatMap(([name, pid]) =>
    pid ? [{ name, pid, before: cpuSeconds(pid) }] : [],
  );
  return () => {
    const seconds = (performance.now() - begunMs) / 1_000;
    const shares = named.map(
      ({ name, pid, before }) => `${name} ${(((cpuSeconds(pid) - before) / seconds) * 100).toFixed(0)} %`,
    );
    return `${shares.join(', ')} of one processor, for ${seconds.toFixed(0)} s`;
  };
}

describe('one hostile client among honest ones', () => {
  const stage = new Stage({
    nodes: 2,
    env: {
      MANYCAST_TRUSTED_PROXIES: 'loopback',
      MANYCAST_MAX_SOCKETS_PER_ADDRESS: '100',
      MANYCAST_MAX_JOINS_PER_ADDRESS: '100',
      MANYCAST_HANDSHAKE_TIMEOUT_MS: '5000',
      MANYCAST_MEDIA_SERVER_CAPACITY: '1000',
    },
  });
  const sockets: (WebSocket | Socket)[] = [];
  let flooder: RunningProcess | undefined;
  afterEach(async () => {
    await flooder?.stop();
    flooder = undefined;
    for (const socket of sockets.splice(0))
      socket instanceof WebSocket ? socket.terminate() : socket.destroy();
  });

  /** An honest viewer with an address of its own; ms from opening its socket to the answer. */
  async function join(index: number): Promise<{ ms: number; openMs: number; isServed: boolean }> {
    const begun = performance.now();
    const headers = { 'X-Forwarded-For': `10.1.${index >> 8}.${index & 255}` };
    const ws = new WebSocket(stage.node(index).wsUrl('/one2many'), { headers });
    sockets.push(ws);
    ws.on('error', () => {});
    const heard: { response?: string }[] = [];
    ws.on('message', data => heard.push(JSON.parse(String(data))));
    await once(ws, 'open');
    const openMs = performance.now() - begun;
    ws.send(JSON.stringify({ id: 'viewer', room: 'stage', sdpOffer: stage.offers.viewer }));
    const answer = await waitFor('an answer', () => heard.find(({ response }) => response), {
      timeoutMs: 30_000,
    });
    return { ms: performance.now() - begun, openMs, isServed: answer.response === 'accepted' };
  }

  /** Twenty a second, wherever they come from. */
  async function audience(first: number) {
    const joining: ReturnType<typeof join>[] = [];
    for (let index = 0; index < honestCount; index += 1) {
      joining.push(join(first + index));
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    const joined = await Promise.all(joining);
    return {
      times: joined.map(({ ms }) => ms),
      opened: joined.map(({ openMs }) => openMs),
      served: joined.filter(({ isServed }) => isServed).length,
    };
  }
  const limited = (limit: string) =>
    Promise.all(
      [0, 1].map(node => readMetric(stage.node(node).httpUrl, 'manycast_limited_total', { limit })),
    ).then(([a = 0, b = 0]) => a + b);
  const megabytes = async () =>
    Math.round((await readMetric(stage.node(0).httpUrl, 'process_resident_memory_bytes')) / 1_048_576);

  it('one address floods a node with sockets and joins: honest viewers of both nodes are served', async () => {
    await stage.presentingWire(0, 'stage');
    await audience(0);
    for (const socket of sockets.splice(0)) (socket as WebSocket).terminate();
    await stage.untilFigures({ sessions: 1 }, 20_000);
    const calm = await audience(1_000);
    for (const socket of sockets.splice(0)) (socket as WebSocket).terminate();
    await stage.untilFigures({ sessions: 1 }, 20_000);
    flooder = await startProcess({
      name: 'flooder',
      command: process.execPath,
      args: [
        fileURLToPath(new URL('./flooder.mjs', import.meta.url)),
        ...[stage.node(0).wsUrl('/one2many'), '192.0.2.66', stage.offers.viewer],
      ],
      ready: /"sockets"/,
    });
    // It takes what nobody else wants: otherwise two processors would be shared between it and the nodes that it attacks.
    setPriority(flooder.pid, constants.priority.PRIORITY_LOW);
    const cpu = cpuOf({
      flooder: flooder.pid,
      'node 0': stage.node(0).process.pid,
      'node 1': stage.node(1).process.pid,
      'honest clients': process.pid,
      'media server': stage.cluster.media[0]?.process.pid,
      redis: stage.cluster.redis.process.pid,
    });
    const flooded = await audience(2_000);
    printFigure('CPU during the flood', cpu());
    const slowest = flooded.times
      .map((ms, index) => ({ ms, beganS: index / 20 }))
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, 10)
      .map(({ ms, beganS }) => `${ms.toFixed(0)} ms at ${beganS.toFixed(1)} s`);
    printFigure('the slowest under the flood, and when they began', slowest.join(', '));
    printFigure('what the flooder tried', flooder.log.tail(1));
    printFigure(
      'honest joins in calm',
      `${calm.served} of ${honestCount}, ${shown(calm.times)}; the socket open: ${shown(calm.opened)}`,
    );
    printFigure(
      'honest joins under the flood',
      `${flooded.served} of ${honestCount}, ${shown(flooded.times)}; the socket open: ${shown(flooded.opened)}`,
    );
    printFigure(
      'turned away',
      `sockets ${await limited('sockets-per-address')}, joins ${await limited('join-rate')}, messages ${await limited('message-rate')}`,
    );
    expect([calm.served, flooded.served]).toEqual([honestCount, honestCount]);
  });

  it('2,000 half-open connections, and 2,000 sockets that never read: an honest viewer joins', async () => {
    await stage.presentingWire(0, 'stage');
    const before = await megabytes();
    const { port } = stage.node(0);
    for (let index = 0; index < 2_000; index += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(handshake('/one2many').slice(0, 40));
      sockets.push(socket);
    }
    const halfOpen = await join(4_001);
    const withHalfOpen = await megabytes();
    for (let index = 0; index < 2_000; index += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.pause();
      const address = `10.9.${index >> 8}.${index & 255}`;
      const frame = Buffer.concat([Buffer.from([0x81, 0x82, 0, 0, 0, 0]), Buffer.from('{x')]);
      socket.write(
        Buffer.concat([
          Buffer.from(handshake('/one2many', { 'X-Forwarded-For': address })),
          ...Array(90).fill(frame),
        ]),
      );
      sockets.push(socket);
    }
    await waitFor(
      '2,000 sockets',
      async () => (await readMetric(stage.node(0).httpUrl, 'manycast_sockets')) >= 2_000,
      {
        timeoutMs: 60_000,
      },
    );
    const neverReading = await join(4_003);
    printFigure(
      'memory: before, with 2,000 half-open, with 2,000 never-reading',
      `${before}, ${withHalfOpen}, ${await megabytes()} MB`,
    );
    printFigure(
      'an honest join among them',
      `${halfOpen.ms.toFixed(0)} ms, ${neverReading.ms.toFixed(0)} ms`,
    );
    expect([halfOpen.isServed, neverReading.isServed]).toEqual([true, true]);
  });
});
