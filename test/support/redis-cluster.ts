import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { type PrivateRedis, startRedisServer } from './redis-server.js';
import { waitFor } from './wait-for.js';

const SLOTS = 16_384;

/** A Redis Cluster of this test alone. */
export interface PrivateRedisCluster {
  /** As the configuration takes it. */
  readonly url: string;
  readonly shards: PrivateRedis[];
  /** Which shard holds a key. */
  shardOf(key: string): Promise<PrivateRedis>;
  /** Resolves when every node takes every slot for served. */
  untilOk(): Promise<void>;
  stop(): Promise<void>;
}

/** Masters without replicas, from the same `redis-server`; each has its share of the slots. */
export async function startRedisCluster(count = 3): Promise<PrivateRedisCluster> {
  const busPorts = await Promise.all(Array.from({ length: count }, () => freePort()));
  const shards = await Promise.all(
    busPorts.map(busPort =>
      startRedisServer({
        extraArgs: [
          ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
          ...['--cluster-node-timeout', '1000', '--cluster-config-file', 'nodes.conf'],
        ],
      }),
    ),
  );
  const links = shards.map(({ url }) => new Redis(url, { retryStrategy: () => 50 }));
  for (const link of links) link.on('error', () => undefined);
  const ask = (index: number, ...words: (string | number)[]) =>
    (links[index] as Redis).call('CLUSTER', ...words);
  const share = Math.ceil(SLOTS / count);
  await Promise.all(
    shards.map((_, index) =>
      ask(index, 'ADDSLOTSRANGE', index * share, Math.min(SLOTS, (index + 1) * share) - 1),
    ),
  );
  for (const [index, { port }] of shards.entries())
    if (index > 0) await ask(0, 'MEET', '127.0.0.1', port, busPorts[index] as number);
  const untilOk = async () => {
    await waitFor(
      'the Redis Cluster to be whole',
      async () => {
        const infos = await Promise.all(shards.map((_, index) => ask(index, 'INFO')));
        return infos.every(
          info =>
            /cluster_state:ok/.test(String(info)) && String(info).includes(`cluster_known_nodes:${count}`),
        );
      },
      { timeoutMs: 30_000, intervalMs: 50 },
    );
  };
  await untilOk();
  return {
    url: `redis+cluster://${shards.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    shards,
    shardOf: async key => shards[Math.floor(Number(await ask(0, 'KEYSLOT', key)) / share)] as PrivateRedis,
    untilOk,
    stop: async () => {
      for (const link of links) link.disconnect();
      await Promise.all(shards.map(shard => shard.stop()));
    },
  };
}
