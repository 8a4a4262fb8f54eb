import type { AppProcess } from './app-processes.js';
import type { Cluster } from './cluster.js';
import { withoutPassword } from './redis/redis-probe.js';

/** What runs where: the table and the JSON line are two views of this. */
export interface Summary {
  nodes: {
    id: string;
    pid: number | null;
    url: string;
    /** The tutorials' WebSocket paths. */
    webSockets: string[];
    live: string;
    ready: string;
    metrics: string;
  }[];
  /** `admin`: where the admin API is, of which `/v1/openapi.json` tells all. */
  controllers: {
    id: string;
    pid: number | null;
    url: string;
    live: string;
    ready: string;
    metrics: string;
    admin: string;
  }[];
  /** `pid` is null for what was running already: real Kurento servers, the Redis of REDIS_URL. */
  mediaServers: { id: string; pid: number | null; url: string; embedded: boolean }[];
  redis: { pid: number | null; url: string; origin: string };
  /** `npm start` itself, and the process that cleans up if it is killed. */
  starter: { pid: number };
  guardian: { pid: number | null };
  logs: string;
}

export function summarize(
  cluster: Cluster,
  run: { logs: string; starterPid: number; guardianPid: number | undefined },
): Summary {
  return {
    nodes: cluster.nodes.map(node => {
      const { id, pid, url, ...health } = addresses(node);
      const webSockets = ['one2many', 'call'].map(path => `ws://localhost:${node.port}/${path}`);
      return { id, pid, url, webSockets, ...health };
    }),
    controllers: cluster.controllers.map(controller => ({
      ...addresses(controller),
      admin: `http://localhost:${controller.adminPort}/v1`,
    })),
    mediaServers: cluster.mediaServers.map(({ id, url, child }) => ({
      id,
      pid: child?.pid ?? null,
      url,
      embedded: child !== undefined,
    })),
    redis: {
      pid: cluster.redis.child?.pid ?? null,
      url: withoutPassword(cluster.redis.url),
      origin: cluster.redis.origin,
    },
    starter: { pid: run.starterPid },
    guardian: { pid: run.guardianPid ?? null },
    logs: run.logs,
  };
}

function addresses({ id, port, child }: AppProcess): Omit<Summary['controllers'][number], 'admin'> {
  const url = `http://localhost:${port}`;
  const health = { live: `${url}/livez`, ready: `${url}/readyz`, metrics: `${url}/metrics` };
  return { id, pid: child.pid ?? null, url, ...health };
}

/** Exactly one line. */
export function jsonLine(summary: Summary): string {
  return `${JSON.stringify(summary)}\n`;
}
