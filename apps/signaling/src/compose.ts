import { type Cluster, Undo } from '@manycast/core';
import { createKurentoMedia } from '@manycast/kurento';
import { Keys, openRedis, RedisPoolStore, RedisRoomEvents, RedisRoomStore } from '@manycast/redis';
import { createLogger, createRegistry, type Logger, runServices } from '@manycast/runtime';
import type { Config } from './config.js';
import { HttpServer } from './http-server.js';
import { NodeMetrics } from './node-metrics.js';
import { Readiness } from './readiness.js';
import { WsServer } from './ws-server.js';

/** A reservation outlives the slowest claim, so that a presenter who goes live late still has its server. */
const reservationMs = (config: Config): number => 2 * config.claimMs;

/** The one page of wiring: builds a node, starts it, and returns how to stop it. */
export async function compose(config: Config): Promise<{ log: Logger; stop(): Promise<void> }> {
  const log = createLogger({ name: 'signaling', level: config.logLevel }).child({ node: config.nodeId });
  const registry = createRegistry();
  const metrics = new NodeMetrics(registry);

  const redis = openRedis({ url: config.redisUrl, commandTimeoutMs: config.redisTimeoutMs, log });
  const keys = new Keys(config.redisPrefix);
  const rooms = new RedisRoomStore(redis.commands, keys, { claimMs: config.claimMs });
  const pool = new RedisPoolStore(redis.commands, keys, { reservationMs: reservationMs(config) });
  const media = createKurentoMedia({
    linksPerServer: config.mediaLinks,
    requestTimeoutMs: config.mediaTimeoutMs,
    log,
    registry,
  });
  const undo = new Undo({
    giveUpAfterMs: 600_000,
    onRetry: (what, error) => {
      metrics.undoRetries.inc({ step: what });
      log.warn({ step: what, code: error.code, cause: error.cause }, 'could not be undone yet');
    },
    onGivenUp: (what, error) =>
      log.error({ step: what, code: error.code, cause: error.cause }, 'could not be undone'),
  });
  const cluster: Cluster = {
    node: config.nodeId,
    rooms,
    pool,
    events: new RedisRoomEvents(redis.subscriber, keys, rooms),
    media,
    undo,
    presenterWaitMs: config.presenterWaitMs,
    poolFullRetryMs: 5_000,
  };

  const capacity = config.mediaServerCapacity;
  redis.onReady(() => {
    undo.run('register media servers', () =>
      pool.register(config.mediaServers.map(url => ({ url, capacity }))),
    );
  });
  for (const server of config.mediaServers) {
    media.open(server).catch(error => log.warn({ err: error, server }, 'media server does not answer yet'));
  }

  const readiness = new Readiness({
    redis: redis.isReady,
    mediaServer: () => config.mediaServers.some(server => media.isUp(server)),
  });
  const http = new HttpServer({ ...config, readiness, registry, log });
  const ws = new WsServer({ ...config, http: http.server, readiness, cluster, metrics, log });
  const connections = {
    name: 'connections',
    start: async () => {},
    stop: async () => {
      await undo.settled();
      await media.close();
      redis.close();
    },
  };
  const running = await runServices([connections, http, ws], log);
  return { log, stop: () => running.stop(config.stopDeadlineMs) };
}
