import { createLogger } from '@manycast/runtime';
import type { MediaEndpoint } from '../media-endpoint.js';
import { createMediaPlane, type MediaPlane } from '../media-plane.js';
import { type PeerCodecs, SyntheticPeer } from './synthetic-peer.js';
import { until } from './until.js';

const log = createLogger({ name: 'media-test', level: 'fatal' });

/** Media planes and peers of one test; all of them end with it. */
export class Stage {
  readonly #closers: (() => void | Promise<void>)[] = [];

  plane(udpPort = 0): MediaPlane {
    const plane = createMediaPlane({ host: '127.0.0.1', udpPort, log });
    this.onEnd(() => plane.close());
    return plane;
  }

  /** A peer that is connected to an endpoint of its own. */
  async joined(plane: MediaPlane, role: 'publisher' | 'viewer', codecs: PeerCodecs, source?: MediaEndpoint) {
    const endpoint = plane.createEndpoint({ id: role });
    const peer = new SyntheticPeer(role, codecs, role);
    this.onEnd(() => peer.close());
    const answer = await peer.join(endpoint);
    source?.connect(endpoint);
    await peer.connected();
    return { endpoint, peer, answer };
  }

  /** A publisher whose media arrive. */
  async broadcast(plane: MediaPlane, codecs: PeerCodecs = { opus: 111, vp8: 96 }) {
    const { endpoint, peer } = await this.joined(plane, 'publisher', codecs);
    peer.startSending();
    await until(
      'the broadcast flows',
      () => endpoint.isFlowingOut('VIDEO') && endpoint.isFlowingOut('AUDIO'),
    );
    return { source: endpoint, publisher: peer };
  }

  onEnd(close: () => void | Promise<void>): void {
    this.#closers.unshift(close);
  }

  async end(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
  }
}

/** Consecutive on a 16-bit circle. */
export function isUnbroken(numbers: number[]): boolean {
  return numbers.every((number, i) => i === 0 || number === (((numbers[i - 1] ?? 0) + 1) & 0xffff));
}
