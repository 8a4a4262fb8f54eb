import { fileURLToPath } from 'node:url';
import { startBuiltApp } from './built-app.js';
import type { RunningProcess } from './child-process.js';
import { freePort } from './free-port.js';

export interface SignalingNodeOptions {
  redisUrl: string;
  mediaServers: string[];
  port?: number;
  nodeId?: string;
  /** Default `warn`. */
  logLevel?: string;
  env?: Record<string, string>;
  /** Default: until `/readyz` answers 200. For nodes that start without Redis or media: `/livez`. */
  readyPath?: '/readyz' | '/livez';
  /** For the interpreter: `--inspect=…`, say. */
  nodeArgs?: string[];
  /** It tells clients where it is, and where the others are. Default: as behind a load balancer. */
  isPublic?: boolean;
  /** For a node with faults: what `signaling-with-faults.mjs` is to do, and when. */
  faults?: string[];
}

const withFaults = fileURLToPath(new URL('./signaling-with-faults.mjs', import.meta.url));

export interface SignalingNode {
  readonly nodeId: string;
  readonly port: number;
  readonly httpUrl: string;
  /** Of a path: `/one2many` or `/call`. */
  wsUrl(path: string): string;
  readonly process: RunningProcess;
  /** SIGTERM and wait: the graceful way. */
  stop(): Promise<void>;
}

export async function startSignalingNode(options: SignalingNodeOptions): Promise<SignalingNode> {
  const port = options.port ?? (await freePort());
  const nodeId = options.nodeId ?? `node-${port}`;
  const httpUrl = `http://127.0.0.1:${port}`;
  const process = await startBuiltApp({
    app: 'signaling',
    name: `signaling node ${nodeId}`,
    nodeArgs: options.nodeArgs,
    program: options.faults && { file: withFaults, args: options.faults },
    env: {
      MANYCAST_HOST: '127.0.0.1',
      MANYCAST_PORT: String(port),
      MANYCAST_NODE_ID: nodeId,
      MANYCAST_REDIS_URL: options.redisUrl,
      MANYCAST_MEDIA_SERVERS: options.mediaServers.join(','),
      // On a busy machine a media server may stand still for longer than it should: only tests of that shorten this.
      MANYCAST_MEDIA_SILENCE_MS: '30000',
      MANYCAST_TOKEN_SECRET: 'a secret for tests only',
      MANYCAST_OPEN: 'true',
      // All clients of a test have one address, and the machine may be busy with other things.
      MANYCAST_MAX_SOCKETS_PER_ADDRESS: '0',
      MANYCAST_MAX_JOINS_PER_ADDRESS: '0',
      MANYCAST_MAX_LAG_MS: '600000',
      MANYCAST_MAX_BUSY_PERCENT: '0',
      MANYCAST_LOG_LEVEL: options.logLevel ?? 'warn',
      MANYCAST_PUBLIC_URL: options.isPublic ? httpUrl : undefined,
      ...options.env,
    },
    ready: async () => (await fetch(`${httpUrl}${options.readyPath ?? '/readyz'}`)).ok,
  });
  return {
    nodeId,
    port,
    httpUrl,
    wsUrl: path => `ws://127.0.0.1:${port}${path}`,
    process,
    stop: async () => void (await process.stop()),
  };
}
