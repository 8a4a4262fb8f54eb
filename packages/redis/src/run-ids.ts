import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './define-script.js';

/**
 * Which processes hold the data: another one after a restart or a failover, which may have lost the last writes, or all
 * of them. Of a Redis Cluster those of its masters; one that cannot be asked counts as it was.
 */
export class RunIds {
  private readonly known = new Map<string, string>();

  constructor(private readonly redis: RedisClient) {}

  /** Rejects when nobody answers. */
  async read(): Promise<string> {
    const { redis } = this;
    if (!(redis instanceof Cluster)) return runIdOf(redis);
    const masters = redis.nodes('master');
    const asked = await Promise.allSettled(
      masters.map(async master => {
        const { host, port } = master.options;
        this.known.set(`${host}:${port}`, await runIdOf(master));
      }),
    );
    const failed = asked.find(outcome => outcome.status === 'rejected');
    if (masters.length === 0 || (failed && asked.every(outcome => outcome.status === 'rejected')))
      throw failed?.reason ?? new Error('no master of the cluster is known');
    const addresses = masters.map(({ options }) => `${options.host}:${options.port}`).sort();
    return addresses.map(address => this.known.get(address) ?? '').join(',');
  }
}

/** Empty where the server does not tell, as where a user may not ask: then only the mark of birth counts. */
async function runIdOf(redis: Redis): Promise<string> {
  try {
    return /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1] ?? '';
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return '';
    throw error;
  }
}
