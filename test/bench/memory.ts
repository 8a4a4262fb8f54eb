import { setTimeout as pause } from 'node:timers/promises';
import { GarbageCollector } from '../soak/garbage-collector.js';
import { freePort } from '../support/free-port.js';
import { type Benchmark, figure } from './benchmark.js';
import type { Stand } from './stand.js';
import { WireSocket } from './wire-socket.js';

const rooms = 20;
/** How many sockets are opened, or viewers join, at once. */
const atOnce = 50;
/** Before the first look: what the first sockets make a process load and compile is nobody's share. */
const warmUps = 500;
/** Nobody is idle before what its joining has left to do is done: notes for the journal leave in batches. */
const settleMs = 3_000;

/**
 * What a process has in use after garbage was collected, before and after that many came. Resident memory is not
 * asked: it has the slack of a growing heap in it, up to several times as much.
 */
export const memory: Benchmark = {
  names: ['memory'],
  about: 'memory in use per attached idle viewer, garbage collected; peer: per socket of a bare ws server',
  async run(stand, options) {
    const count = options.isQuick ? 3_000 : 5_000;
    const inspector = await freePort();
    const [redis, media] = await Promise.all([stand.redis(), stand.mediaServer()]);
    const node = await stand.node({
      redisUrl: redis.url,
      mediaServers: [media.url],
      nodeArgs: [`--inspect=${inspector}`],
    });
    const url = node.wsUrl('/one2many');
    for (let index = 0; index < rooms; index += 1) {
      const presenter = await WireSocket.open(url);
      stand.onEnd(() => presenter.terminate());
      await presenter.join('presenter', `room-${index}`);
    }
    const perViewer = await growthPer(stand, inspector, count, async index => {
      const room = `room-${index % rooms}`;
      const { socket: viewer } = await WireSocket.openModern(`${url}?room=${room}`);
      await viewer.join('viewer', room);
      return viewer;
    });
    const peerInspector = await freePort();
    const peer = await stand.inspectedPeer('ws-sockets.mjs', peerInspector);
    const perSocket = await growthPer(stand, peerInspector, count, () =>
      WireSocket.open(`ws://127.0.0.1:${peer.port}`),
    );
    return [figure('memory', perViewer / 1_024, perSocket / 1_024, 'kB')];
  },
};

async function growthPer(
  stand: Stand,
  inspectorPort: number,
  count: number,
  open: (index: number) => Promise<WireSocket>,
): Promise<number> {
  const collector = await GarbageCollector.of(inspectorPort);
  stand.onEnd(() => collector.close());
  const sockets: WireSocket[] = [];
  const openAll = async (more: number) => {
    const end = sockets.length + more;
    while (sockets.length < end) {
      const batch = Array.from({ length: Math.min(atOnce, end - sockets.length) }, (_, index) =>
        open(sockets.length + index),
      );
      sockets.push(...(await Promise.all(batch)));
    }
    await pause(settleMs);
    return collector.usedBytes();
  };
  stand.onEnd(() => {
    for (const socket of sockets) socket.terminate();
  });
  const before = await openAll(warmUps);
  const after = await openAll(count);
  return (after - before) / count;
}
