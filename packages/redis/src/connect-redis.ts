import { SignalError } from '@manycast/protocol';
import { backoffMs, type Logger } from '@manycast/runtime';
import { type RedisOptions as ConnectionOptions, Redis } from 'ioredis';

export interface RedisConnections {
  /** For scripts and reads. Fails fast: a command that cannot be sent now is refused, not queued. */
  commands: Redis;
  /** For the bus only. */
  subscriber: Redis;
  isReady(): boolean;
  close(): Promise<void>;
}

export interface RedisOptions {
  url: string;
  /** A command without a reply for this long counts as failed. */
  commandTimeoutMs: number;
  connectTimeoutMs: number;
  log: Logger;
}

/** Connects both; throws SignalError `unavailable` when Redis does not answer in time. Reconnects by itself afterwards. */
export async function connectRedis({
  url,
  commandTimeoutMs,
  connectTimeoutMs,
  log,
}: RedisOptions): Promise<RedisConnections> {
  const open = (role: string, own: ConnectionOptions) => {
    const redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: connectTimeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: attempt => 50 + backoffMs(attempt, { baseMs: 100, maxMs: 2_000 }),
      ...own,
    });
    redis.on('error', error => log.warn({ err: error, role }, 'redis connection'));
    redis.on('ready', () => log.info({ role }, 'redis connected'));
    return redis;
  };
  const commands = open('commands', { commandTimeout: commandTimeoutMs });
  const subscriber = open('subscriber', { autoResubscribe: true });
  const connections = [commands, subscriber];
  const close = async () => {
    for (const redis of connections) redis.disconnect();
  };
  try {
    await within(connectTimeoutMs, Promise.all(connections.map(redis => redis.connect())));
    await within(connectTimeoutMs, commands.ping());
  } catch (error) {
    await close();
    throw new SignalError('unavailable', {
      message: `Redis does not answer at ${withoutPassword(url)}`,
      cause: error,
    });
  }
  return { commands, subscriber, isReady: () => connections.every(redis => redis.status === 'ready'), close };
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = parsed.password && '***';
  return parsed.href;
}
