import { describe, expect, it, onTestFinished } from 'vitest';
import { median, printFigure } from '../support/figures.js';
import { RedisMonitor } from '../support/redis-monitor.js';
import { Stage } from '../support/stage.js';

const JOINS = 20;

describe('round trips of a join', () => {
  const stage = new Stage({ nodes: 2 });
  const join = (room: string) => ({ id: 'viewer', sdpOffer: stage.offers.viewer, room });

  async function monitored() {
    const monitor = await RedisMonitor.on(stage.cluster.redis.url);
    onTestFinished(() => monitor.close());
    return monitor;
  }
  /** What `step` sends to Redis and to the media server. */
  async function counted(monitor: RedisMonitor, step: () => Promise<unknown>) {
    const requests = stage.cluster.gates[0]?.requests ?? [];
    await monitor.barrier();
    const [commandsBefore, requestsBefore] = [monitor.commands.length, requests.length];
    await step();
    await monitor.barrier();
    return {
      redis: monitor.commands.slice(commandsBefore),
      media: requests.slice(requestsBefore).filter(name => name !== 'ping'),
    };
  }

  it('a viewer: two scripts and one media request; three commands more for the first of a room on a node', async () => {
    const gate = stage.cluster.gates[0];
    const monitor = await monitored();
    const room = stage.newRoom();
    // Scripts are loaded by their first use on a Redis; the counts are of what comes after.
    await stage.servesFreshBroadcast();
    await stage.untilFigures({ sessions: 0 });
    const presenter = await stage.wire(0);
    const started = await counted(monitor, () =>
      presenter.ask({ id: 'presenter', sdpOffer: stage.offers.presenter, room }, 'presenterResponse'),
    );
    printFigure('Redis commands of a presenter’s join', started.redis.join(' '));
    const first = await stage.wire(1);

    const firstOnNode = await counted(monitor, async () => {
      gate?.hold('reply', /m=audio/);
      first.send(join(room));
      await gate?.untilHeld();
      expect(gate?.requests.at(-1)).toBe('transaction');
      gate?.open();
      await first.next('viewerResponse');
    });
    const second = await stage.wire(1);
    const steady = await counted(monitor, async () => {
      await second.ask(join(room), 'viewerResponse');
    });
    for (const [name, { redis, media }] of Object.entries({ 'first on its node': firstOnNode, steady })) {
      printFigure(
        `round trips of a viewer’s join, ${name}`,
        `Redis ${redis.length} (${redis.join(' ')}), media server before the answer ${media.filter(request => request === 'transaction').length} (${media.join(', ')})`,
      );
    }
    // The first enters the room for its node, too: registry, subscription, and where the events stand.
    expect(firstOnNode.redis.toSorted()).toEqual(['evalsha', 'evalsha', 'evalsha', 'hmget', 'subscribe']);
    expect(steady.redis).toEqual(['evalsha', 'evalsha']);
    // What follows the answer is not waited for by the client.
    for (const { media } of [firstOnNode, steady])
      expect(media.filter(request => request !== 'invoke gatherCandidates')).toEqual(['transaction']);
  });

  it('a growing room asks the pool for more slots once per block, not once per viewer', async () => {
    const monitor = await monitored();
    const room = stage.newRoom();
    const presenter = await stage.wire(0);
    await presenter.ask({ id: 'presenter', sdpOffer: stage.offers.presenter, room }, 'presenterResponse');
    const commands: number[] = [];
    const millis: number[] = [];
    for (let viewer = 0; viewer < JOINS; viewer += 1) {
      const client = await stage.wire(1);
      const { redis } = await counted(monitor, async () => {
        const asked = performance.now();
        await client.ask(join(room), 'viewerResponse');
        millis.push(performance.now() - asked);
      });
      commands.push(redis.length);
    }
    printFigure(`Redis commands of ${JOINS} viewers joining one after another`, commands.join(' '));
    printFigure(
      'time of a viewer’s join, offer to answer',
      `median ${median(millis).toFixed(1)} ms, most ${Math.max(...millis).toFixed(1)} ms`,
    );
    expect(median(commands)).toBe(2);
    expect(commands.reduce((sum, count) => sum + count, 0)).toBeLessThan(2.8 * JOINS);
  });
});
