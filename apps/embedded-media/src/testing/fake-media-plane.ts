import type { EndpointStats } from '../media/endpoint-stats.js';
import type {
  ConnectableMedia,
  LocalCandidate,
  MediaEndpoint,
  MediaEndpointEvents,
} from '../media/media-endpoint.js';
import type { MediaPlane } from '../media/media-plane.js';

type Listener = (value: never) => void;

/** A media endpoint without media, for tests of what is in front of it: it records, and says what it is told to. */
export class FakeMediaEndpoint implements MediaEndpoint {
  readonly connectionState = 'DISCONNECTED';
  readonly mediaState = 'DISCONNECTED';
  readonly addedCandidates: LocalCandidate[] = [];
  /** `source-id>AUDIO` for every medium that is sent here now. */
  readonly receives = new Set<string>();
  localSdp: string | undefined;
  remoteSdp: string | undefined;
  closedTimes = 0;
  /** What the next negotiation step does instead of succeeding. */
  nextStep: (() => Promise<string>) | undefined;
  readonly #listeners = new Map<string, Listener[]>();

  constructor(readonly id: string) {}

  processOffer(sdp: string): Promise<string> {
    this.remoteSdp = sdp;
    return this.#step('v=0\r\ns=answer\r\n');
  }

  generateOffer(): Promise<string> {
    return this.#step('v=0\r\ns=offer\r\n');
  }

  processAnswer(sdp: string): Promise<string> {
    this.remoteSdp = sdp;
    return this.#step('v=0\r\ns=offer\r\n');
  }

  gatherCandidates(): void {
    this.fire('candidate', {
      candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host',
      sdpMid: '0',
      sdpMLineIndex: 0,
    });
    this.fire('gathering-done', undefined);
  }

  addIceCandidate(candidate: LocalCandidate): void {
    this.addedCandidates.push(candidate);
  }

  connect(sink: FakeMediaEndpoint, media?: ConnectableMedia): void {
    sink.receives.add(`${this.id}>${media}`);
  }

  disconnect(sink: FakeMediaEndpoint, media?: ConnectableMedia): void {
    sink.receives.delete(`${this.id}>${media}`);
  }

  requestKeyframe(): void {}
  isFlowingIn(): boolean {
    return false;
  }
  isFlowingOut(): boolean {
    return false;
  }

  stats(): EndpointStats {
    return {
      audioIn: undefined,
      audioOut: undefined,
      videoIn: undefined,
      videoOut: undefined,
      roundTripTimeMs: undefined,
      rembBps: undefined,
      selectedPair: undefined,
    };
  }

  setMaxVideoRecvBandwidth(): void {}
  setMinVideoRecvBandwidth(): void {}
  setMaxVideoSendBandwidth(): void {}

  on<E extends keyof MediaEndpointEvents>(event: E, listener: (value: MediaEndpointEvents[E]) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener as Listener]);
  }

  off<E extends keyof MediaEndpointEvents>(
    event: E,
    listener: (value: MediaEndpointEvents[E]) => void,
  ): void {
    const rest = (this.#listeners.get(event) ?? []).filter(known => known !== (listener as Listener));
    this.#listeners.set(event, rest);
  }

  fire<E extends keyof MediaEndpointEvents>(event: E, value: MediaEndpointEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(value as never);
  }

  close(): void {
    this.closedTimes++;
  }

  async #step(sdp: string): Promise<string> {
    const step = this.nextStep;
    this.nextStep = undefined;
    if (step) return step();
    this.localSdp = sdp;
    return sdp;
  }
}

export class FakeMediaPlane implements MediaPlane {
  readonly endpoints = new Map<string, FakeMediaEndpoint>();

  createEndpoint({ id }: { id: string }): FakeMediaEndpoint {
    const endpoint = new FakeMediaEndpoint(id);
    this.endpoints.set(id, endpoint);
    return endpoint;
  }

  /** The endpoint behind a WebRtcEndpoint; a test that asks for one that is not there is wrong. */
  endpoint(id: string): FakeMediaEndpoint {
    const endpoint = this.endpoints.get(id);
    if (!endpoint) throw new Error(`no endpoint ${id}`);
    return endpoint;
  }

  async close(): Promise<void> {}
}
