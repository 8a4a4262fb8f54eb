import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startProcess } from '../support/child-process.js';
import { numberFromRun } from '../support/environment.js';
import { printFigure } from '../support/figures.js';
import { readMetric } from '../support/metric.js';
import { Stage } from '../support/stage.js';
import type { TutorialPage } from '../support/tutorial-page.js';
import { waitFor } from '../support/wait-for.js';
import { separate } from './processor.js';

/** In the order in which a node gives them up; resumes last. */
const inOrder = ['directory', 'chat', 'viewer', 'presenter', 'resume'] as const;
type Kind = (typeof inOrder)[number] | 'ping';
type Rates = Record<Kind, number>;

interface Outcome {
  kinds: Record<
    Kind,
    {
      offered: number;
      served: number;
      refused: number;
      failed: number;
      waited: number;
      firstRefusedMs: number | null;
      p50Ms: number;
      p99Ms: number;
    }
  >;
  codes: Record<string, number>;
  membersClosed: number;
  offeredForMs: number;
  ownCpuMs: number;
}

const seconds = numberFromRun('OVERLOAD_SECONDS', 20);
const idle: Rates = { directory: 0, chat: 0, viewer: 0, presenter: 0, resume: 0, ping: 0 };
/**
 * What a busy node does; chat goes to 120 sockets. So few joins that the media server has time for twice as many and
 * more: it shares its processor with all the clients.
 */
const everyday: Rates = { directory: 8, chat: 12, viewer: 4, presenter: 1, resume: 2, ping: 20 };
const scaled = (rates: Rates, by: number) =>
  Object.fromEntries(Object.entries(rates).map(([kind, rate]) => [kind, rate * by])) as Rates;

describe('[R-LIMIT-3] twice what a node can do', () => {
  const stage = new Stage({
    env: {
      MANYCAST_MAX_LAG_MS: '500',
      MANYCAST_MAX_BUSY_PERCENT: '98',
      MANYCAST_MAX_MESSAGES_PER_S: '10000',
      MANYCAST_MAX_ERRORS: '100000',
      MANYCAST_MEDIA_SERVER_CAPACITY: '100000',
      MANYCAST_HEARTBEAT_MS: '600000',
      MANYCAST_CHAT_PER_SECOND: '100',
      // As on a machine that is several times slower: so it is the node that has too much to do, and not who asks.
      NODE_OPTIONS: '--jitless',
    },
  });
  const node = () => stage.node(0);

  async function offer(room: string, perS: Rates, forSeconds: number): Promise<Outcome & { busy: number }> {
    const order = { url: node().wsUrl(''), room, offers: stage.offers, seconds: forSeconds, perS };
    const clients = await startProcess({
      name: 'clients of every kind',
      command: process.execPath,
      args: [fileURLToPath(new URL('./overload-clients.mjs', import.meta.url)), JSON.stringify(order)],
      ready: /"ready"/,
      readyTimeoutMs: 60_000,
    });
    pin(clients.pid);
    const busy: number[] = [];
    const sampling = setInterval(() => {
      readMetric(node().httpUrl, 'manycast_event_loop_busy_ratio').then(
        value => busy.push(value),
        () => {},
      );
    }, 500);
    try {
      const { code } = await clients.exited;
      const [line] = clients.log.lines.filter(each => each.includes('"kinds"'));
      if (code !== 0 || !line) throw new Error(`the clients failed: ${clients.log.tail(5)}`);
      const during = busy.slice(1, Math.max(2, forSeconds * 2));
      return { ...JSON.parse(line), busy: during.reduce((sum, value) => sum + value, 0) / during.length };
    } finally {
      clearInterval(sampling);
      await clients.stop();
    }
  }

  const pin = (...more: number[]) =>
    separate(node().process.pid, [
      process.pid,
      stage.cluster.redis.process.pid,
      ...stage.cluster.media.map(media => media.process.pid),
      ...more,
    ]);

  /** Twice what a node can do of everything, by how busy a part of it makes it. */
  async function twiceEverything(room: string): Promise<Rates> {
    const { busy } = await offer(room, everyday, 5);
    return scaled(everyday, 2 / busy);
  }

  /** Twice as many messages of members as it answers when it is never idle, and what else a busy node does. */
  async function twiceTheTalk(room: string): Promise<Rates> {
    const { kinds, offeredForMs } = await offer(room, { ...idle, ping: 30_000 }, 5);
    return { ...scaled(everyday, 2), ping: Math.round((2 * kinds.ping.served * 1_000) / offeredForMs) };
  }

  /** What is lost of the media between two moments at which none is under way. */
  async function lossOf(presenter: TutorialPage, viewer: TutorialPage, during: () => Promise<void>) {
    const [from, to] = [presenter.peer, viewer.peer];
    if (!from || !to) throw new Error('the pages have no peers');
    const quiet = async () => {
      from.stopSending();
      const lastAt = () => performance.now() - to.lastReceivedAt;
      await waitFor('the last packets', () => lastAt() > 1_000, { timeoutMs: 20_000 });
      const [sent, received] = [from.sent, { ...to.received }];
      return { sent: sent.audio + sent.video, received: received.audio + received.video };
    };
    const before = await quiet();
    from.startSending();
    await during();
    const after = await quiet();
    const sent = after.sent - before.sent;
    return { sent, lost: sent - (after.received - before.received) };
  }

  /** Since then: what was refused, by the node's own log. */
  const levelsSince = (sinceMs: number): string[][] =>
    node()
      .process.log.lines.filter(line => line.includes('"msg":"overload"'))
      .map(line => JSON.parse(line) as { time: string; refuses: string[] })
      .filter(({ time }) => Date.parse(time) >= sinceMs)
      .map(({ refuses }) => refuses);

  function show(title: string, { kinds, codes, membersClosed, ownCpuMs, busy }: Outcome & { busy: number }) {
    printFigure(title, `busy ${(busy * 100).toFixed(0)} %, members' sockets closed ${membersClosed}`);
    for (const [kind, count] of Object.entries(kinds))
      if (count.offered > 0)
        printFigure(
          `  ${kind}`,
          `${count.offered} offered, ${count.served} served (p50 ${count.p50Ms} ms, p99 ${count.p99Ms} ms), ` +
            `${count.refused} refused${count.firstRefusedMs === null ? '' : ` from ${count.firstRefusedMs} ms on`}` +
            `${count.failed > 0 ? `, ${count.failed} failed` : ''}${count.waited > 0 ? `, ${count.waited} not sent` : ''}`,
        );
    printFigure('  codes, and CPU of the clients', `${JSON.stringify(codes)}, ${ownCpuMs} ms`);
  }

  it.each([
    ['of everything: what is given up first is enough', twiceEverything, 1],
    ['by members who talk: all new work is given up, and no resume', twiceTheTalk, 4],
  ])('%s', async (title, twice, leastLevel) => {
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const viewer = await stage.viewer(0, room);
    const isPinned = pin();
    const rates = await twice(room);
    const begunMs = Date.now();
    let outcome: (Outcome & { busy: number }) | undefined;
    const { sent, lost } = await lossOf(presenter, viewer, async () => {
      outcome = await offer(room, rates, seconds);
    });
    if (!outcome) throw new Error('unreachable');
    const levels = levelsSince(begunMs);
    const highest = Math.max(0, ...levels.map(refuses => refuses.length));
    show(`twice the capacity ${title}${isPinned ? '' : ' (nothing pinned)'}`, outcome);
    printFigure('levels, as they came', levels.map(refuses => refuses.length).join(' '));
    printFigure('media packets sent, lost', `${sent}, ${lost}`);
    expect(lost).toBe(0);
    const refusedShare = inOrder.map(kind => {
      const { offered, refused } = (outcome as Outcome).kinds[kind];
      return offered === 0 ? 0 : refused / offered;
    });
    expect(refusedShare[0]).toBeGreaterThan(0);
    expect(refusedShare.at(-1)).toBe(0);
    expect(highest).toBeGreaterThanOrEqual(leastLevel);
    expect(outcome.membersClosed).toBe(0);
    // What is refused at a time includes all that is cheaper to do without.
    for (const refuses of levels) expect(refuses).toEqual(inOrder.slice(0, refuses.length));
    // And when it is over, it is over.
    await waitFor(
      'everything to be taken on again',
      async () => (await readMetric(node().httpUrl, 'manycast_overload_level')) === 0,
      { timeoutMs: 30_000 },
    );
    expect(await offer(room, { ...idle, viewer: 2, presenter: 1 }, 2)).toMatchObject({
      kinds: { viewer: { refused: 0, failed: 0 }, presenter: { refused: 0, failed: 0 } },
    });
    // What the media server had no time to take back is tried again until it is done.
    await presenter.close();
    await viewer.close();
    await stage.untilFigures({ sockets: 0, sessions: 0, pipelines: 0, endpoints: 0 }, 90_000);
  });
});
