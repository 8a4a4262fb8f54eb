import { SignalError } from '@manycast/protocol';
import { backoffMs, type Logger } from '@manycast/runtime';
import { type RedisOptions as ConnectionOptions, Redis } from 'ioredis';
import { Pulse } from './pulse.js';

export interface RedisOptions {
  url: string;
  /** A command without a reply for this long counts as failed. */
  commandTimeoutMs: number;
  log: Logger;
}

export interface RedisConnections {
  /** For scripts and reads. Fails fast: a command that cannot be sent now is refused, not queued. */
  commands: Redis;
  /** For the bus only. */
  subscriber: Redis;
  isReady(): boolean;
  /** Called at every (re)connection of `commands`: Redis may have come back empty. */
  onReady(listener: () => void): void;
  /** Throws SignalError `unavailable`, naming the address, when Redis does not answer in time. */
  whenReady(timeoutMs: number): Promise<void>;
  close(): void;
}

/** Connects in the background and for ever: a node must outlive an outage, also one at its own start (R-NODE-2). */
export function openRedis({ url, commandTimeoutMs, log }: RedisOptions): RedisConnections {
  const open = (role: string, own: ConnectionOptions) => {
    const redis = new Redis(url, {
      connectTimeout: 2_000,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt: number) => 50 + backoffMs(attempt, { baseMs: 100, maxMs: 2_000 }),
      ...own,
    });
    redis.on('error', error => log.warn({ err: error, role }, 'redis connection'));
    redis.on('ready', () => log.info({ role }, 'redis connected'));
    return redis;
  };
  const commands = open('commands', { commandTimeout: commandTimeoutMs });
  // The bus subscribes again itself, to exactly what is still listened to.
  const subscriber = open('subscriber', { autoResubscribe: false });
  const connections = [commands, subscriber];
  const pulse = new Pulse(commands, { periodMs: 1_000, log });
  return {
    commands,
    subscriber,
    isReady: () => pulse.isBeating && connections.every(redis => redis.status === 'ready'),
    onReady: listener => {
      if (commands.status === 'ready') listener();
      commands.on('ready', listener);
    },
    whenReady: async timeoutMs => {
      const late = AbortSignal.timeout(timeoutMs);
      await Promise.all(connections.map(redis => becameReady(redis, late))).catch(cause => {
        throw new SignalError('unavailable', {
          message: `Redis does not answer at ${withoutPassword(url)}`,
          cause,
        });
      });
    },
    close: () => {
      pulse.stop();
      for (const redis of connections) redis.disconnect();
    },
  };
}

function becameReady(redis: Redis, late: AbortSignal): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    redis.once('ready', resolve);
    late.addEventListener('abort', () => reject(late.reason), { once: true });
  });
}

function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = parsed.password && '***';
  return parsed.href;
}
