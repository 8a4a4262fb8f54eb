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

  constructor(direction: Direction) {
    this.peer = new WebRtcPeer(direction);
    this.peer.onCandidate = candidate => this.#tell(candidate);
    this.peer.onState = () => {
      if (this.#isClosed) return;
      if (direction === 'send' && this.connectionState === 'connected') {
        this.peer.stopSending();
        this.peer.startSending(['video']);
      }
      this.onconnectionstatechange?.();
    };
  }

  get connectionState(): string {
    return this.#isClosed ? 'closed' : this.peer.state;
  }

  addTransceiver(): void {}

  getTransceivers(): [] {
    return [];
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
