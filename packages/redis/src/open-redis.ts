import { SignalError } from '@manycast/protocol';
import { type Logger, withoutPassword, writeOncePerTurn } from '@manycast/runtime';
import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './define-script.js';
import { Pulse } from './pulse.js';
import { connectTo, subscribeTo } from './redis-link.js';
import { RunIds } from './run-ids.js';

export interface RedisOptions {
  /** Of one server, of sentinels or of a Redis Cluster (`redisAddress` of packages/runtime). */
  url: string;
  /** A command without a reply for this long counts as failed. */
  commandTimeoutMs: number;
  log: Logger;
}

export interface RedisConnections {
  /** For scripts and reads. Fails fast: a command that cannot be sent now is refused, not queued. */
  commands: RedisClient;
  /** For the bus only. Of a Redis Cluster: to any node, which hears what is published on all. */
  subscriber: Redis;
  isReady(): boolean;
  /** Called at every (re)connection of `commands`, and when a cluster has other masters: Redis may have come back empty. */
  onReady(listener: () => void): void;
  /** Throws SignalError `unavailable`, naming the address, when Redis does not answer in time. */
  whenReady(timeoutMs: number): Promise<void>;
  close(): void;
}

/** Connects in the background and for ever: a node must outlive an outage, also one at its own start (R-NODE-2). */
export function openRedis({ url, commandTimeoutMs, log }: RedisOptions): RedisConnections {
  const watched = <Connection extends RedisClient>(role: string, redis: Connection) => {
    redis.on('error', error => log.warn({ err: error, role }, 'redis connection'));
    // Of a cluster's connections, ioredis keeps its streams to itself.
    redis.on('connect', () => {
      if (!(redis instanceof Cluster)) writeOncePerTurn(redis.stream);
    });
    redis.on('ready', () => log.info({ role }, 'redis connected'));
    return redis;
  };
  const failFast = { enableOfflineQueue: false, maxRetriesPerRequest: 0 };
  const commands = watched('commands', connectTo(url, { ...failFast, commandTimeout: commandTimeoutMs }));
  // The bus subscribes again itself, to exactly what is still listened to.
  const busOptions = { ...failFast, autoResubscribe: false };
  const subscriber = watched('subscriber', subscribeTo(url, busOptions, commands));
  const connections = [commands, subscriber];
  const readyListeners = new Set<() => void>();
  const tellReady = () => {
    for (const listener of readyListeners) listener();
  };
  commands.on('ready', tellReady);
  const runIds = new RunIds(commands);
  const ask = commands instanceof Cluster ? () => runIds.read() : () => commands.ping();
  const pulse = new Pulse({ ask, onChange: tellReady, periodMs: 1_000, log });
  // So that a change right after the connection is one.
  commands.on('ready', () => void pulse.beat());
  return {
    commands,
    subscriber,
    isReady: () => pulse.isBeating && connections.every(redis => redis.status === 'ready'),
    onReady: listener => {
      readyListeners.add(listener);
      if (commands.status === 'ready') listener();
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

function becameReady(redis: RedisClient, late: AbortSignal): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    redis.once('ready', resolve);
    late.addEventListener('abort', () => reject(late.reason), { once: true });
  });
}
