import { startBuiltApp } from './built-app.js';
import type { RunningProcess } from './child-process.js';
import { freePort } from './free-port.js';
import { KurentoSocket } from './kurento-rpc.js';

export interface EmbeddedMediaOptions {
  port?: number;
  /** Default 240,000 ms, as Kurento. */
  collectorPeriodMs?: number;
  /** All endpoints on this one UDP port; default: a port per endpoint. */
  udpPort?: number;
  /** Default `warn`: a failing start prints it. */
  logLevel?: string;
  env?: Record<string, string>;
  nodeArgs?: string[];
  /** How it fails from the start, see apps/embedded-media/src/failures/fail-order.ts. */
  fail?: string[];
}

export interface EmbeddedMedia {
  readonly url: string;
  readonly port: number;
  readonly process: RunningProcess;
  /** Makes it fail, or be well again: `fail('silent')`. */
  fail(...orders: string[]): Promise<void>;
  stop(): Promise<void>;
}

/** One embedded media server in a process of its own; ready when it answers `ping`. */
export async function startEmbeddedMedia(options: EmbeddedMediaOptions = {}): Promise<EmbeddedMedia> {
  const port = options.port ?? (await freePort());
  const url = `ws://127.0.0.1:${port}/kurento`;
  const httpUrl = `http://127.0.0.1:${port}`;
  const process = await startBuiltApp({
    app: 'embedded-media',
    name: `embedded media server on ${port}`,
    nodeArgs: options.nodeArgs,
    args: ['--take-fail-orders', ...(options.fail ?? []).flatMap(order => ['--fail', order])],
    env: {
      MANYCAST_HOST: '127.0.0.1',
      MANYCAST_PORT: String(port),
      MANYCAST_COLLECTOR_PERIOD_MS: options.collectorPeriodMs?.toString(),
      MANYCAST_UDP_PORT: options.udpPort?.toString(),
      MANYCAST_LOG_LEVEL: options.logLevel ?? 'warn',
      ...options.env,
    },
    // One that is to be silent never answers.
    ready: () => (options.fail?.includes('silent') ? fetch(`${httpUrl}/livez`) : answersPing(url)),
  });
  const fail = async (...orders: string[]) => {
    const answer = await fetch(`${httpUrl}/fail`, { method: 'POST', body: orders.join('\n') });
    if (!answer.ok) throw new Error(await answer.text());
  };
  return { url, port, process, fail, stop: async () => void (await process.stop()) };
}

async function answersPing(url: string): Promise<boolean> {
  const socket = await KurentoSocket.open(url);
  try {
    return (await socket.call('ping', { interval: 240_000 })).value === 'pong';
  } finally {
    await socket.close();
  }
}
