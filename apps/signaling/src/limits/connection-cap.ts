import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import proxyAddr from 'proxy-addr';
import { asOneClient } from './client-address.js';
import { CountByKey } from './count-by-key.js';

export interface ConnectionCapOptions {
  /** Connections of one address, whatever it wants with them; 0: no limit. */
  max: number;
  /** Who speaks for many is not counted; whom it speaks for is, when it has said so. */
  trustedProxies: readonly string[];
  onRefused(): void;
}

/** Connections that have not asked for anything yet are somebody's, too. */
export function capConnections(
  server: Server,
  { max, trustedProxies, onRefused }: ConnectionCapOptions,
): void {
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  const counts = new CountByKey(max);
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    if (max === 0 || isTrusted(remoteAddress, 0)) return;
    const address = asOneClient(remoteAddress);
    if (counts.take(address)) return void socket.once('close', () => counts.give(address));
    onRefused();
    socket.destroy();
  });
}
