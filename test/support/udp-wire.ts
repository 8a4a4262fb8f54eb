import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { PeerCandidate } from './webrtc-peer.js';

/**
 * A wire between a peer and a server's candidate that can be cut: what then happens is what a vanished
 * browser or a pulled cable looks like from the server. Give the peer only `candidate`, and the server none
 * of the peer's: it learns this wire's address from the checks that come through it (RFC 8445, 7.3.1.3).
 */
export class UdpWire {
  #isCut = false;
  #peer: { address: string; port: number } | undefined;

  private constructor(
    private readonly peerSide: Socket,
    private readonly serverSide: Socket,
    /** The server's candidate with the address of this wire. */
    readonly candidate: PeerCandidate,
  ) {}

  static async to(server: PeerCandidate): Promise<UdpWire> {
    const fields = server.candidate.split(' ');
    const [address, port] = [fields[4] as string, Number(fields[5])];
    const [peerSide, serverSide] = await Promise.all([boundSocket(), boundSocket()]);
    fields[4] = '127.0.0.1';
    fields[5] = String(peerSide.address().port);
    const wire = new UdpWire(peerSide, serverSide, { ...server, candidate: fields.join(' ') });
    peerSide.on('message', (packet, from) => {
      wire.#peer = from;
      if (!wire.#isCut) serverSide.send(packet, port, address);
    });
    serverSide.on('message', packet => {
      if (!wire.#isCut && wire.#peer) peerSide.send(packet, wire.#peer.port, wire.#peer.address);
    });
    return wire;
  }

  /** A candidate that this wire can carry: UDP over IPv4. */
  static canCarry({ candidate }: PeerCandidate): boolean {
    return /^candidate:\S+ 1 udp \d+ \d+\.\d+\.\d+\.\d+ \d+ typ host/i.test(candidate);
  }

  cut(): void {
    this.#isCut = true;
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.peerSide.close();
    this.serverSide.close();
  }
}

async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0);
  await once(socket, 'listening');
  return socket;
}
