import { asMediaServerUrl, RoomName } from '@manycast/protocol';
import { Keys, openRedis, RedisPoolStore, RedisServerRegistry } from '@manycast/redis';
import { createLogger } from '@manycast/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { median, percentile } from '../bench/samples.js';
import { printFigure } from '../support/figures.js';
import { type PrivateRedis, startRedisServer } from '../support/redis-server.js';

const log = createLogger({ name: 'test', level: 'silent' });
const samples = 300;

/** How long placing one more room takes, by how many servers and rooms there are. */
describe('the cost of placement', () => {
  let redis: PrivateRedis;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.stop());

  async function poolOf(serverCount: number, prefix: string) {
    const connections = openRedis({ url: redis.url, commandTimeoutMs: 30_000, log });
    await connections.whenReady(5_000);
    const keys = new Keys(prefix);
    const servers = new RedisServerRegistry(connections.commands, connections.subscriber, keys);
    const pool = new RedisPoolStore(connections.commands, keys, { reservationMs: 3_600_000 });
    const urls = Array.from({ length: serverCount }, (_, i) => asMediaServerUrl(`ws://media-${i}/kurento`));
    await servers.add(
      'static',
      urls.map(url => ({ url, capacity: 1_000_000 })),
    );
    await servers.observe({
      ...{ observer: 'test', leaseMs: 600_000 },
      sightings: urls.map(server => ({ server, isReachable: true, isWarm: true, serverId: server })),
    });
    return { pool, connections };
  }

  it('grows with neither servers nor rooms', async () => {
    const medians = new Map<string, number>();
    for (const serverCount of [10, 100, 1_000]) {
      const { pool, connections } = await poolOf(serverCount, `cost-${serverCount}`);
      let placed = 0;
      const place = () => pool.reserve({ room: RoomName.parse(`room-${placed++}`), generation: 1, slots: 4 });
      for (const roomCount of [10, 1_000, 100_000]) {
        while (placed < roomCount)
          await Promise.all(Array.from({ length: Math.min(200, roomCount - placed) }, place));
        await connections.commands.config('RESETSTAT');
        const micros: number[] = [];
        for (let sample = 0; sample < samples; sample += 1) {
          const before = performance.now();
          await place();
          micros.push((performance.now() - before) * 1_000);
        }
        medians.set(`${serverCount} ${roomCount}`, median(micros));
        printFigure(
          `placement, ${serverCount} servers, ${roomCount} rooms`,
          `script ${await scriptMicros(connections.commands)} µs on average; round trip included median ${Math.round(median(micros))}, p99 ${Math.round(percentile(micros, 0.99))} µs`,
        );
      }
      connections.close();
    }
    const small = medians.get('10 10') ?? 0;
    expect(medians.get('1000 100000') ?? 0).toBeLessThan(10 * small + 1_000);
  });
});

/** What its scripts took Redis itself, each, since it was last asked to forget. */
async function scriptMicros(commands: { info(section: string): Promise<string> }): Promise<number> {
  const statistics = await commands.info('commandstats');
  return Math.round(Number(/cmdstat_evalsha:.*usec_per_call=([\d.]+)/.exec(statistics)?.[1]));
}
