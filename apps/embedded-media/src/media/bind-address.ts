import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';

/** What ICE binds to; undefined means every interface. Throws for an address that is not this machine's. */
export function bindAddressOf(host: string): string | undefined {
  if (host === '' || host === '0.0.0.0' || host === '::') return undefined;
  const addresses = Object.values(networkInterfaces()).flatMap(list => list?.map(each => each.address) ?? []);
  if (host === 'localhost' || host.startsWith('127.') || addresses.includes(host)) return host;
  throw new Error(`no interface of this machine has the address ${host}`);
}

/**
 * Rejects when no UDP socket can be had. libdatachannel aborts the process when it finds that out in the
 * middle of an offer (in an answer it only throws), so it is asked for one only after this.
 */
export function assertSocketAvailable(bindAddress: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(bindAddress?.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.bind({ port: 0, ...(bindAddress === undefined ? {} : { address: bindAddress }) }, () => {
      socket.close(() => resolve());
    });
  });
}
