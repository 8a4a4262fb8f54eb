import { backoffMs, type RedisAddress, readRedisAddress, withoutPassword } from '@manycast/runtime';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { clusterBusConnector } from './cluster-bus-connector.js';
import type { RedisClient } from './define-script.js';
import { LastingSentinelConnector } from './sentinel-connector.js';

const retryStrategy = (attempt: number): number => 50 + backoffMs(attempt, { baseMs: 100, maxMs: 2_000 });
const connectTimeout = 2_000;

/** As BullMQ wants it as well: it never gives up. */
type Options = Omit<RedisOptions, 'retryStrategy'> & { retryStrategy: (attempt: number) => number };
type Own = Omit<RedisOptions, 'host' | 'port' | 'path' | 'sentinels' | 'retryStrategy'>;

/** Throws TypeError when it is no address. */
function parse(url: string): RedisAddress {
  const address = readRedisAddress(url);
  if (!address) throw new TypeError(`${withoutPassword(url)} is no address of a Redis`);
  return address;
}

/** A connection for commands, by an address of any kind. Comes back for ever. */
export function connectTo(url: string, own: Own): RedisClient {
  const address = parse(url);
  return address.kind === 'cluster'
    ? openCluster(address, own)
    : new Redis({ ...oneServer(address), ...own });
}

/** A connection that only subscribes. `beside`: the connection for commands to the same Redis. */
export function subscribeTo(url: string, own: Own, beside: RedisClient): Redis {
  const address = parse(url);
  if (address.kind !== 'cluster') return new Redis({ ...oneServer(address), ...own });
  const Connector = clusterBusConnector(beside as Cluster, address.nodes, address.isTls);
  return new Redis({ ...login(address), Connector, connectTimeout, retryStrategy, ...own });
}

function login({ username, password, isTls }: RedisAddress) {
  return { ...(username && { username }), ...(password && { password }), ...(isTls && { tls: {} }) };
}

function oneServer(address: Exclude<RedisAddress, { kind: 'cluster' }>): Options {
  const common = { ...login(address), db: address.db, connectTimeout, retryStrategy };
  if (address.kind === 'single') return { ...common, ...address.host };
  const { sentinels, master: name } = address;
  // A sentinel that tells of a new master ends the connection to the old one at once.
  return {
    ...common,
    ...{ sentinels, name, sentinelRetryStrategy: retryStrategy, failoverDetector: true },
    Connector: LastingSentinelConnector as unknown as NonNullable<RedisOptions['Connector']>,
  };
}

function openCluster(address: Extract<RedisAddress, { kind: 'cluster' }>, own: Own): Cluster {
  const { enableOfflineQueue = true, ...redisOptions } = own;
  return new Cluster(address.nodes, {
    enableOfflineQueue,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: connectTimeout,
    // A failed master is asked for again at these intervals, at most this often: a second in all, then `unavailable`.
    retryDelayOnFailover: 100,
    retryDelayOnClusterDown: 100,
    maxRedirections: 10,
    redisOptions: { connectTimeout, ...login(address), ...redisOptions },
  });
}

/** What BullMQ is given: options of a connection that it opens and closes itself, or a cluster that the caller closes. */
function jobConnection(url: string, own: Own): Options | Cluster {
  const address = parse(url);
  return address.kind === 'cluster' ? openCluster(address, own) : { ...oneServer(address), ...own };
}

/** What queues and workers of jobs talk through: a queue refuses what cannot be done now, a worker's commands wait. */
export const jobConnections = (url: string) => ({
  forQueue: () => jobConnection(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 }),
  forWorker: () => jobConnection(url, { maxRetriesPerRequest: null }),
});
