import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type RunningProcess, startProcess } from './child-process.js';
import { freePort } from './free-port.js';
import { type PrivateRedis, startRedisServer } from './redis-server.js';
import { waitFor } from './wait-for.js';

const SENTINELS = 3;

export interface PrivateSentinels {
  /** As the configuration takes it. */
  readonly url: string;
  readonly master: PrivateRedis;
  readonly replica: PrivateRedis;
  /** Resolves when the replica has what the master has. */
  untilReplicated(): Promise<void>;
  /** `kill -9` of the master; resolves when the sentinels have made the replica the master. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

/** A master, a replica and three sentinels, from the same `redis-server`. */
export async function startSentinels(): Promise<PrivateSentinels> {
  const master = await startRedisServer();
  const replica = await startRedisServer({ extraArgs: ['--replicaof', '127.0.0.1', String(master.port)] });
  const folder = await mkdtemp(join(tmpdir(), 'manycast-sentinel-'));
  const ports = await Promise.all(Array.from({ length: SENTINELS }, () => freePort()));
  const sentinels = await Promise.all(ports.map(port => startSentinel(folder, port, master.port)));
  const links = [master, replica].map(({ url }) => new Redis(url, { retryStrategy: () => 50 }));
  const watcher = new Redis({ host: '127.0.0.1', port: ports[0] as number });
  for (const link of [...links, watcher]) link.on('error', () => undefined);
  const [ofMaster, ofReplica] = links as [Redis, Redis];
  const untilReplicated = async () => {
    await waitFor(
      'the replica to have what the master has',
      async () => {
        const [from, to] = await Promise.all([ofMaster.info('replication'), ofReplica.info('replication')]);
        const offset = (info: string, name: string) => new RegExp(`${name}:(\\d+)`).exec(info)?.[1];
        return (
          to.includes('master_link_status:up') &&
          offset(from, 'master_repl_offset') === offset(to, 'slave_repl_offset')
        );
      },
      { timeoutMs: 20_000 },
    );
  };
  await untilReplicated();
  await waitFor(
    'the sentinels to know the replica and each other',
    async () => {
      const state = JSON.stringify(await watcher.call('SENTINEL', 'MASTER', 'main'));
      return (
        /"num-slaves","?:?,?"1"/.test(state) && state.includes(`"num-other-sentinels","${SENTINELS - 1}"`)
      );
    },
    { timeoutMs: 20_000 },
  );
  return {
    url: `redis+sentinel://${ports.map(port => `127.0.0.1:${port}`).join(',')}/main`,
    master,
    replica,
    untilReplicated,
    failOver: async () => {
      await master.kill();
      await waitFor(
        'the replica to be the master',
        async () => (await ofReplica.info('replication')).includes('role:master'),
        {
          timeoutMs: 30_000,
        },
      );
    },
    stop: async () => {
      for (const link of [...links, watcher]) link.disconnect();
      await Promise.all([...sentinels, replica, master].map(server => server.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startSentinel(folder: string, port: number, masterPort: number): Promise<RunningProcess> {
  // A sentinel writes its own configuration: each has a file.
  const file = join(folder, `sentinel-${port}.conf`);
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor main 127.0.0.1 ${masterPort} 2`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 5000',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return startProcess({
    name: `sentinel on ${port}`,
    command: 'redis-server',
    args: [file, '--sentinel'],
    ready: async () => {
      const redis = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: () => null });
      redis.on('error', () => undefined);
      try {
        await redis.connect();
        return (await redis.ping()) === 'PONG';
      } finally {
        redis.disconnect();
      }
    },
  });
}
