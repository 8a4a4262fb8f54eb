import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '../../apps/dev/bin/lib/path-search.mjs';
import { repositoryRoot } from './built-app.js';
import { type RunningProcess, startProcess } from './child-process.js';
import { freePort } from './free-port.js';

export const hasTurnServer = findOnPath('turnserver', process.env.PATH) !== undefined;

export interface TurnServer {
  url: string;
  /** Of its log, in order. */
  process: RunningProcess;
  stop(): Promise<void>;
}

const settings = join(repositoryRoot, 'infra/coturn/coturn.conf');

/** A coturn of this test alone, with the settings of infra/, whose media servers are on this machine. */
export async function startTurnServer(secret: string): Promise<TurnServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'manycast-turn-'));
  const turn = await startProcess({
    name: `turnserver on ${port}`,
    command: 'turnserver',
    args: [
      ...['-c', settings, '--pidfile', join(folder, 'pid'), '--userdb', join(folder, 'db')],
      ...['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', String(port)],
      ...['--static-auth-secret', secret, '--allowed-peer-ip', '127.0.0.1-127.255.255.255'],
      ...['--allow-loopback-peers', '--no-tls', '--no-dtls', '--log-file', 'stdout', '--verbose'],
    ],
    ready: () => answersStun(port),
  });
  return {
    url: `turn:127.0.0.1:${port}?transport=udp`,
    process: turn,
    stop: async () => {
      await turn.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A binding request (RFC 8489, section 5) and any answer to it. */
function answersStun(port: number): Promise<boolean> {
  const request = Buffer.from('000100002112a4420102030405060708090a0b0c', 'hex');
  const socket = createSocket('udp4');
  return new Promise<boolean>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('no answer to STUN')), 500);
    socket.once('message', () => {
      clearTimeout(late);
      resolve(true);
    });
    socket.once('error', reject);
    socket.send(request, port, '127.0.0.1');
  }).finally(() => socket.close());
}
