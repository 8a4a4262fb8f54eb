import { randomBytes } from 'node:crypto';
import type { Environment, StartOptions } from '../bin/lib/start-options.mjs';
import { type AppOrder, type AppProcess, type AppRole, startApps } from './app-processes.js';
import type { Child } from './child.js';
import type { Children } from './children.js';
import { probeMediaServers } from './kms-probe.js';
import { isPortFree, planPorts } from './ports.js';
import { type ProvidedRedis, provideRedis } from './redis/provide-redis.js';

interface MediaServer {
  id: string;
  url: string;
  /** Absent when it is a real Kurento Media Server, started by somebody else. */
  child?: Child;
}

interface ControllerProcess extends AppProcess {
  adminPort: number;
}

export interface Cluster {
  redis: ProvidedRedis;
  mediaServers: MediaServer[];
  controllers: ControllerProcess[];
  nodes: AppProcess[];
}

interface Surroundings {
  children: Children;
  cacheFolder: string;
  runFolder: string;
  step: (text: string) => void;
  stopped: AbortSignal;
}

/** Starts everything in order and resolves when all of it is ready. Refusals leave the ending to the caller. */
export async function startCluster(options: StartOptions, surroundings: Surroundings): Promise<Cluster> {
  const { mediaServers: wanted } = options;
  const { step, stopped } = surroundings;
  const embedded = wanted.kind === 'embedded' ? wanted.count : 0;
  const ports = await planPorts({ ...options, mediaServers: embedded }, isPortFree);
  if (wanted.kind === 'kurento') {
    step('asking the media servers');
    await probeMediaServers(wanted.urls);
  }
  const redis = await provideRedis(options, surroundings);
  stopped.throwIfAborted();

  const start = (
    role: AppRole,
    theirPorts: number[],
    orderOf: (number: number) => { id: string; env: Environment },
  ) => {
    const orders = theirPorts.map((port, index): AppOrder => ({ port, ...orderOf(index + 1) }));
    return startApps(role, orders, surroundings);
  };
  const { inherited, settings } = options;

  let mediaServers: MediaServer[];
  if (wanted.kind === 'kurento') {
    mediaServers = wanted.urls.map((url, index) => ({ id: `kms-${index + 1}`, url }));
  } else {
    step('starting media servers');
    const started = await start('media', ports.mediaServers, number => ({
      id: `media-${number}`,
      env: { ...inherited, ...settings.media },
    }));
    mediaServers = started.map(({ id, port, child }) => ({
      id,
      url: `ws://127.0.0.1:${port}/kurento`,
      child,
    }));
  }

  const needs = {
    MANYCAST_REDIS_URL: redis.url,
    MANYCAST_MEDIA_SERVERS: mediaServers.map(({ url }) => url).join(','),
  };
  if (options.controllers > 0) step('starting controllers');
  // Whoever names tokens has to show them on their own machine, too.
  const adminOpen = String(!settings.controller.MANYCAST_ADMIN_TOKENS_FILE);
  const startedControllers = await start('controller', ports.controllers, number => ({
    id: `controller-${number}`,
    env: {
      ...inherited,
      ...settings.controller,
      ...needs,
      MANYCAST_ADMIN_OPEN: adminOpen,
      MANYCAST_ADMIN_PORT: String(ports.admin[number - 1]),
    },
  }));
  const controllers = startedControllers.map((controller, index) => ({
    ...controller,
    adminPort: ports.admin[index] as number,
  }));

  step('starting signaling nodes');
  // Somebody else's Redis may know another node-1.
  const idSuffix = redis.child ? '' : `-${randomBytes(3).toString('hex')}`;
  const tokenSecret = settings.node.MANYCAST_TOKEN_SECRET || randomBytes(32).toString('base64url');
  // Whoever names keys of join tokens is asked for them on their own machine, too.
  const isGuarded = Object.keys(settings.node).some(name => /^MANYCAST_(JOIN_|OPEN)/.test(name));
  const nodes = await start('node', ports.nodes, number => {
    const id = `node-${number}${idSuffix}`;
    const own = {
      MANYCAST_NODE_ID: id,
      MANYCAST_TOKEN_SECRET: tokenSecret,
      // No load balancer here: a page learns of the other nodes, and goes on there when its own dies.
      MANYCAST_PUBLIC_URL: `http://localhost:${ports.nodes[number - 1]}`,
    };
    return {
      id,
      env: { ...inherited, ...(!isGuarded && { MANYCAST_OPEN: 'true' }), ...settings.node, ...needs, ...own },
    };
  });
  return { redis, mediaServers, controllers, nodes };
}
