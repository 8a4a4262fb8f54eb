import { type Direction, type PeerCandidate, WebRtcPeer } from './webrtc-peer.js';

/** As much of an RTCPeerConnection as the SDK uses, with a real peer behind it; a presenter's sends as long as it is connected. */
export class SdkPeer {
  onicecandidate: ((event: { candidate: object }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: { track: object }) => void) | null = null;
  localDescription: { type: string; sdp: string } | undefined;
  remoteDescription: { type: string; sdp: string } | undefined;
  readonly peer: WebRtcPeer;
  #isClosed = false;
  readonly #transport: { state: string; onstatechange: (() => void) | null } = {
    state: 'connected',
    onstatechange: null,
  };

  constructor(direction: Direction) {
    this.peer = new WebRtcPeer(direction);
    this.peer.onCandidate = candidate => this.#tell(candidate);
    this.peer.onState = () => {
      if (this.#isClosed) return;
      if (direction === 'send' && this.connectionState === 'connected') {
        this.peer.stopSending();
        this.peer.startSending(['video']);
      }
      if (!this.#isRemotelyClosed && this.peer.state === 'closed') this.#transportCloses();
      this.onconnectionstatechange?.();
    };
  }

  get connectionState(): string {
    if (this.#isClosed) return 'closed';
    return this.#isRemotelyClosed ? 'connected' : this.peer.state;
  }

  get #isRemotelyClosed(): boolean {
    return this.#transport.state === 'closed';
  }

  /** The other side ended DTLS: in a browser its transport tells, the connection itself does not. */
  #transportCloses(): void {
    this.#transport.state = 'closed';
    this.#transport.onstatechange?.();
  }

  addTransceiver(): void {}

  getTransceivers() {
    return [{ receiver: { transport: this.#transport } }];
  }

  async createOffer() {
    return { type: 'offer', sdp: await this.peer.offer() };
  }

  async setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    this.localDescription = description;
  }

  async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    if (this.#isClosed) return;
    this.peer.acceptAnswer(description.sdp);
    this.remoteDescription = description;
  }

  async addIceCandidate(candidate: PeerCandidate): Promise<void> {
    if (!this.#isClosed) this.peer.addCandidate(candidate);
  }

  async getStats() {
    const { video } = this.peer.received;
    return new Map([['video', { type: 'inbound-rtp', kind: 'video', packetsReceived: video }]]);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.peer.close();
  }

  #tell(candidate: PeerCandidate): void {
    if (!this.#isClosed) this.onicecandidate?.({ candidate: { ...candidate, toJSON: () => candidate } });
  }
}
