import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StartOptions } from '../bin/lib/start-options.mjs';
import type { Child } from './child.js';
import type { Children } from './children.js';
import { probeMediaServers } from './kms-probe.js';
import { isPortFree, planPorts } from './ports.js';
import { waitUntilReady } from './readiness.js';
import { type ProvidedRedis, provideRedis } from './redis/provide-redis.js';

interface RunningNode {
  child: Child;
  port: number;
}

interface MediaServer {
  id: string;
  url: string;
  /** Absent when it is a real Kurento Media Server, started by somebody else. */
  child?: Child;
}

export interface Cluster {
  redis: ProvidedRedis;
  mediaServers: MediaServer[];
  nodes: RunningNode[];
}

interface Surroundings {
  children: Children;
  cacheFolder: string;
  runFolder: string;
  step: (text: string) => void;
  stopped: AbortSignal;
}

/** Where the apps' builds are, seen from this file's own. */
const program = {
  media: fileURLToPath(new URL('../../embedded-media/dist/main.js', import.meta.url)),
  node: fileURLToPath(new URL('../../signaling/dist/main.js', import.meta.url)),
};

/** Starts everything in order and resolves when all of it is ready. Refusals leave the ending to the caller. */
export async function startCluster(options: StartOptions, surroundings: Surroundings): Promise<Cluster> {
  const { mediaServers: wanted } = options;
  const embedded = wanted.kind === 'embedded' ? wanted.count : 0;
  const ports = await planPorts({ ...options, mediaServers: embedded }, isPortFree);
  if (wanted.kind === 'kurento') {
    surroundings.step('asking the media servers');
    await probeMediaServers(wanted.urls);
  }
  const redis = await provideRedis(options, surroundings);
  surroundings.stopped.throwIfAborted();
  const mediaServers =
    wanted.kind === 'kurento'
      ? wanted.urls.map((url, index) => ({ id: `kms-${index + 1}`, url }))
      : await startMediaServers(ports.mediaServers, options, surroundings);
  const needs = {
    redisUrl: redis.url,
    mediaServers: mediaServers.map(server => server.url),
    // Somebody else's Redis may know another node-1.
    idSuffix: redis.child ? '' : `-${randomBytes(3).toString('hex')}`,
  };
  const nodes = await startNodes(ports.nodes, needs, options, surroundings);
  return { redis, mediaServers, nodes };
}

async function startMediaServers(
  ports: number[],
  options: StartOptions,
  { children, runFolder, step, stopped }: Surroundings,
): Promise<MediaServer[]> {
  step('starting media servers');
  const servers = ports.map((port, index) => {
    const id = `media-${index + 1}`;
    const child = children.start({
      role: 'media',
      id,
      file: process.execPath,
      args: [program.media],
      env: {
        ...options.inherited,
        ...options.mediaSettings,
        MANYCAST_HOST: '127.0.0.1',
        MANYCAST_PORT: String(port),
      },
      logFile: join(runFolder, `${id}.log`),
    });
    return { id, url: `ws://127.0.0.1:${port}/kurento`, child, port };
  });
  await Promise.all(
    servers.map(({ child, port }) => waitUntilReady(child, `http://127.0.0.1:${port}/readyz`, stopped)),
  );
  return servers;
}

async function startNodes(
  ports: number[],
  needs: { redisUrl: string; mediaServers: string[]; idSuffix: string },
  options: StartOptions,
  { children, runFolder, step, stopped }: Surroundings,
): Promise<RunningNode[]> {
  step('starting signaling nodes');
  const nodes = ports.map((port, index) => {
    const id = `node-${index + 1}${needs.idSuffix}`;
    const child = children.start({
      role: 'node',
      id,
      file: process.execPath,
      args: [program.node],
      env: {
        ...options.inherited,
        ...options.nodeSettings,
        MANYCAST_HOST: '127.0.0.1',
        MANYCAST_PORT: String(port),
        MANYCAST_NODE_ID: id,
        MANYCAST_REDIS_URL: needs.redisUrl,
        MANYCAST_MEDIA_SERVERS: needs.mediaServers.join(','),
      },
      logFile: join(runFolder, `${id}.log`),
    });
    return { child, port };
  });
  await Promise.all(
    nodes.map(({ child, port }) => waitUntilReady(child, `http://127.0.0.1:${port}/readyz`, stopped)),
  );
  return nodes;
}
