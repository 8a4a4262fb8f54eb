import { MediaGate } from '../support/media-gate.js';
import { RedisMonitor } from '../support/redis-monitor.js';
import { waitFor } from '../support/wait-for.js';
import { type Benchmark, figure } from './benchmark.js';
import { median } from './samples.js';
import { WireSocket } from './wire-socket.js';

/** What a viewer's join may cost: the limits of the table of targets. */
const limits = { redis: 3, media: 2 };

/** Counted, not timed; the media server stands behind a gate that sees every request. */
export const joinRoundTrips: Benchmark = {
  names: ['join-round-trips'],
  about: 'Redis commands of a viewer’s join, media requests before its answer; peer: the limit',
  async run(stand) {
    const [redis, media] = await Promise.all([stand.redis(), stand.mediaServer()]);
    const gate = await MediaGate.before(media.url);
    stand.onEnd(() => gate.close());
    const monitor = await RedisMonitor.on(redis.url);
    stand.onEnd(() => monitor.close());
    const node = await stand.node({ redisUrl: redis.url, mediaServers: [gate.url] });
    const url = node.wsUrl('/one2many');
    const baseline = await stand.peer('one2many.mjs', gate.url);
    const peerUrl = `ws://127.0.0.1:${baseline.port}/one2many`;
    for (const address of [url, peerUrl]) {
      const presenter = await WireSocket.open(address);
      stand.onEnd(() => presenter.terminate());
      await presenter.join('presenter', 'default');
    }

    async function counted(address: string) {
      const viewer = await WireSocket.open(address);
      stand.onEnd(() => viewer.terminate());
      await monitor.barrier();
      const [commands, requests] = [monitor.commands.length, gate.requests.length];
      await viewer.join('viewer', 'default');
      // Gathering begins with the answer, and everything before it is before the answer.
      const isAsked = () => gate.requests.slice(requests).includes('invoke gatherCandidates');
      await waitFor('candidates to be asked for', isAsked);
      await monitor.barrier();
      const asked = gate.requests.slice(requests).filter(name => name !== 'ping');
      return {
        redis: monitor.commands.slice(commands),
        media: asked.slice(0, asked.indexOf('invoke gatherCandidates')),
      };
    }
    const joins = [];
    // Scripts are loaded by their first use on a Redis; the pool is asked for slots once per block of viewers.
    for (let index = 0; index < 21; index += 1) joins.push(await counted(url));
    const peer = await counted(peerUrl);
    const redisCounts = joins.slice(1).map(join => join.redis.length);
    const mediaCounts = joins.slice(1).map(join => join.media.length);
    const typical = joins.find(join => join.redis.length === median(redisCounts));
    stand.notes.push(
      `Redis commands of 20 joins: ${redisCounts.join(' ')}; those of one: ${typical?.redis.join(', ')}`,
      `media requests before the answer: ${typical?.media.join(', ')}; the baseline’s: ${peer.media.join(', ')}`,
    );
    return [
      figure(
        'join-round-trips',
        median(redisCounts),
        limits.redis,
        'Redis commands per viewer join; peer: the limit',
      ),
      figure(
        'join-round-trips',
        median(mediaCounts),
        limits.media,
        'media requests before the answer; peer: the limit',
      ),
    ];
  },
};
