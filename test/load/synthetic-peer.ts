import { offers } from '../bench/offers.js';

/** As much of an RTCPeerConnection as the SDK uses, without a peer: it offers, and is content with any answer. */
export class SyntheticPeer {
  connectionState = 'new';
  localDescription: { type: string; sdp: string } | undefined;
  remoteDescription: { type: string; sdp: string } | undefined;
  onicecandidate: unknown = null;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: unknown = null;
  private looks = 0;

  constructor(private readonly role: 'presenter' | 'viewer') {}

  addTransceiver(): void {}
  getTransceivers = () => [];

  async createOffer() {
    return { type: 'offer', sdp: offers[this.role] };
  }

  async setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    this.localDescription = description;
  }

  async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    this.remoteDescription = description;
    this.connectionState = 'connected';
    this.onconnectionstatechange?.();
  }

  async addIceCandidate(): Promise<void> {}

  /** More each time, as of a picture that moves. */
  async getStats() {
    this.looks += 1;
    return new Map([['video', { type: 'inbound-rtp', kind: 'video', packetsReceived: this.looks }]]);
  }

  close(): void {
    this.connectionState = 'closed';
  }
}
