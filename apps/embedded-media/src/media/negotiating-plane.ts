import { randomBytes, randomInt } from 'node:crypto';
import type { Logger } from '@manycast/runtime';
import { EndpointEvents } from './endpoint-events.js';
import type { EndpointStats } from './endpoint-stats.js';
import { usableCandidate } from './ice-candidate.js';
import { type LocalTransport, writeLocalDescription } from './local-description.js';
import type { LocalCandidate, MediaEndpoint, MediaEndpointEvents } from './media-endpoint.js';
import { NegotiationError, SdpError } from './media-errors.js';
import type { MediaPlane } from './media-plane.js';
import { parseRemoteDescription, type RemoteDescription } from './remote-description.js';
import { answerSections } from './sdp-answer.js';
import { offerSections, readAnswer } from './sdp-offer.js';

/** Nobody listens there: UDP port 9 discards. */
const nowhere = {
  candidate: 'candidate:1 1 UDP 2122260223 127.0.0.1 9 typ host',
  sdpMid: '0',
  sdpMLineIndex: 0,
};
const noStats: EndpointStats = {
  audioIn: undefined,
  audioOut: undefined,
  videoIn: undefined,
  videoOut: undefined,
  roundTripTimeMs: undefined,
  rembBps: undefined,
  selectedPair: undefined,
};
const sources = {
  AUDIO: { ssrc: 1, cname: 'none', streamId: 'none', trackId: 'audio' },
  VIDEO: { ssrc: 2, cname: 'none', streamId: 'none', trackId: 'video' },
};
/** Load comes with the same few offers over and over; each is read once. */
const offersKept = 64;

/**
 * A media plane that negotiates as the real one does and has no media: nothing is sent, nobody ever connects. For
 * measuring what is in front of a media server, where the cost of DTLS and of packets would hide it.
 */
export function createNegotiatingPlane(log: Logger): MediaPlane {
  const endpoints = new Set<NegotiatingEndpoint>();
  const read = cached(parseRemoteDescription);
  return {
    createEndpoint({ id }) {
      const endpoint = new NegotiatingEndpoint(id, read, new EndpointEvents(log), () =>
        endpoints.delete(endpoint),
      );
      endpoints.add(endpoint);
      return endpoint;
    },
    async close() {
      for (const endpoint of [...endpoints]) endpoint.close();
    },
  };
}

class NegotiatingEndpoint implements MediaEndpoint {
  readonly connectionState = 'DISCONNECTED';
  readonly mediaState = 'DISCONNECTED';
  localSdp: string | undefined;
  remoteSdp: string | undefined;
  #isClosed = false;

  constructor(
    readonly id: string,
    private readonly read: (sdp: string) => RemoteDescription,
    private readonly events: EndpointEvents,
    private readonly onClosed: () => void,
  ) {}

  async processOffer(sdp: string): Promise<string> {
    this.#assertFresh();
    const offer = this.read(sdp);
    const { sections } = answerSections(offer, sources);
    this.remoteSdp = sdp;
    this.localSdp = describe(sections, offer.isBundled, 'active');
    return this.localSdp;
  }

  async generateOffer(): Promise<string> {
    this.#assertFresh();
    this.localSdp = describe(offerSections(sources), true, 'actpass');
    return this.localSdp;
  }

  async processAnswer(sdp: string): Promise<string> {
    if (this.localSdp === undefined) throw new NegotiationError('no-offer', 'there is no offer to answer');
    if (this.remoteSdp !== undefined)
      throw new NegotiationError('already-negotiated', 'the endpoint is negotiated already');
    const answer = this.read(sdp);
    readAnswer(answer);
    if (!answer.transport) throw new SdpError('the answer accepts nothing');
    this.remoteSdp = sdp;
    return this.localSdp;
  }

  gatherCandidates(): void {
    if (this.localSdp === undefined) return;
    this.events.emit('candidate', nowhere);
    this.events.emit('gathering-done', undefined);
  }

  addIceCandidate({ candidate }: LocalCandidate): void {
    usableCandidate(candidate);
  }

  connect(): void {}
  disconnect(): void {}
  requestKeyframe(): void {}
  isFlowingIn = () => false;
  isFlowingOut = () => false;
  stats = () => noStats;
  setMaxVideoRecvBandwidth(): void {}
  setMinVideoRecvBandwidth(): void {}
  setMaxVideoSendBandwidth(): void {}

  on<E extends keyof MediaEndpointEvents>(event: E, listener: (value: MediaEndpointEvents[E]) => void): void {
    this.events.on(event, listener);
  }

  off<E extends keyof MediaEndpointEvents>(
    event: E,
    listener: (value: MediaEndpointEvents[E]) => void,
  ): void {
    this.events.off(event, listener);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.events.close();
    this.onClosed();
  }

  #assertFresh(): void {
    if (this.#isClosed) throw new NegotiationError('closed', 'the endpoint is closed');
    if (this.localSdp !== undefined)
      throw new NegotiationError('already-negotiated', 'the endpoint is negotiated already');
  }
}

const fingerprint = `sha-256 ${Array.from(randomBytes(32), byte => byte.toString(16).padStart(2, '0').toUpperCase()).join(':')}`;

function describe(
  sections: Parameters<typeof writeLocalDescription>[0]['sections'],
  isBundled: boolean,
  setup: LocalTransport['setup'],
): string {
  const transport = { iceUfrag: 'none', icePwd: 'a'.repeat(24), fingerprint, setup };
  return writeLocalDescription({ sessionId: String(randomInt(2 ** 47)), isBundled, transport, sections });
}

function cached<T>(read: (sdp: string) => T): (sdp: string) => T {
  const known = new Map<string, T>();
  return sdp => {
    const before = known.get(sdp);
    if (before) return before;
    const description = read(sdp);
    if (known.size >= offersKept) known.clear();
    known.set(sdp, description);
    return description;
  };
}
