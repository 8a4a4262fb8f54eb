import type { EmbeddedMedia } from '../support/embedded-media.js';
import { readMetric } from '../support/metric.js';
import { waitFor } from '../support/wait-for.js';
import type { RunOptions } from './benchmark.js';
import type { Stand } from './stand.js';
import { WireSocket } from './wire-socket.js';

/** One server that viewers join at, with its rooms live. */
export interface JoinSide {
  readonly name: 'ours' | 'peer';
  readonly url: string;
  readonly rooms: readonly string[];
  /** What works for it, the media server included. */
  readonly processes: readonly { name: string; pid: number }[];
  /** Resolves when nothing is left of viewers that have gone: the next ones find it as the first did. */
  untilEmpty(): Promise<void>;
}

interface JoinStandOptions extends RunOptions {
  /**
   * kurento-client keeps the number of each answer for 20 s, and looks through all of them to forget one: at a high rate
   * that brings it to a standstill. For so many ms instead.
   */
  keptMs?: number;
}

/** Ours and the peer beside each other on one media server without media, each with that many live rooms. */
export async function joinSides(
  stand: Stand,
  options: JoinStandOptions,
  roomCount: number,
): Promise<[JoinSide, JoinSide]> {
  const [redis, media] = await Promise.all([stand.redis(), stand.mediaServer()]);
  const node = await stand.node({ redisUrl: redis.url, mediaServers: [media.url] });
  const ours = await broadcast(stand, node.wsUrl('/one2many'), roomCount, {
    name: 'ours',
    processes: [
      { name: 'node', pid: node.process.pid },
      { name: 'Redis', pid: redis.process.pid },
      { name: 'media server', pid: media.process.pid },
    ],
    untilEmpty: () => untilEmpty(media, 2 * roomCount),
  });
  if (options.peerUrl) {
    // Another's server has the tutorial's one room, and says nothing of what it still has to give back.
    const strange = { name: 'peer', processes: [], untilEmpty: async () => {} } as const;
    return [ours, await broadcast(stand, options.peerUrl, 1, strange)];
  }
  const baseline = await stand.peer('one2many.mjs', media.url, String(options.keptMs ?? ''));
  const peer = await broadcast(stand, `ws://127.0.0.1:${baseline.port}/one2many`, roomCount, {
    name: 'peer',
    processes: [
      { name: 'baseline', pid: baseline.process.pid },
      { name: 'media server', pid: media.process.pid },
    ],
    untilEmpty: () => untilEmpty(media, 2 * roomCount),
  });
  return [ours, peer];
}

async function broadcast(
  stand: Stand,
  url: string,
  roomCount: number,
  side: Omit<JoinSide, 'url' | 'rooms'>,
): Promise<JoinSide> {
  const rooms = Array.from({ length: roomCount }, (_, index) =>
    roomCount === 1 ? 'default' : `room-${index}`,
  );
  for (const room of rooms) {
    const presenter = await WireSocket.open(url);
    await presenter.join('presenter', room);
    stand.onEnd(() => presenter.terminate());
  }
  return { ...side, url, rooms };
}

/** Nobody is joining: when the number stays and is the presenters', those who left are gone. */
async function untilEmpty({ port }: EmbeddedMedia, presenters: number): Promise<void> {
  let before = -1;
  const isSettled = async () => {
    const now = await readMetric(`http://127.0.0.1:${port}`, 'manycast_media_endpoints');
    const isSame = now === before;
    before = now;
    return isSame && now <= presenters;
  };
  await waitFor('viewers that left to be gone', isSettled, { timeoutMs: 30_000, intervalMs: 50 });
}
