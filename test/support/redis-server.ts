import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningProcess, startProcess } from './child-process.js';
import { freePort } from './free-port.js';

export interface PrivateRedis {
  readonly url: string;
  readonly port: number;
  /** The present process: another one after `start`. */
  readonly process: RunningProcess;
  /** Kills it and keeps its address, as an outage does. Nothing is stored: it comes back empty. */
  kill(): Promise<void>;
  /** Brings it back on the same port after `kill`. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** A Redis of this test alone: own port, own temporary folder, no persistence. */
export async function startRedisServer(
  options: { port?: number; extraArgs?: string[] } = {},
): Promise<PrivateRedis> {
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'manycast-redis-'));
  const spawnServer = () =>
    startProcess({
      name: `redis-server on ${port}`,
      command: 'redis-server',
      args: [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
        ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
        ...(options.extraArgs ?? []),
      ],
      ready: () => answersPing(port),
    });
  let process: RunningProcess;
  try {
    process = await spawnServer();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get process() {
      return process;
    },
    kill: async () => {
      process.kill('SIGKILL');
      await process.exited;
    },
    start: async () => {
      process = await spawnServer();
    },
    stop: async () => {
      await process.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy(new Error('redis-server accepts but does not answer')));
    socket.once('data', data => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
