/**
 * As much of an RTCPeerConnection as the SDK uses, without media: it offers what it is given and says that it is
 * connected. Cheap enough for hundreds where only messages are looked at.
 */
export class LightPeer {
  onicecandidate: unknown = null;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: unknown = null;
  connectionState = 'new';
  localDescription: { type: string; sdp: string } | undefined;
  remoteDescription: { type: string; sdp: string } | undefined;
  #packets = 0;

  constructor(private readonly sdpOffer: string) {}

  addTransceiver(): void {}
  getTransceivers = (): [] => [];
  createOffer = async () => ({ type: 'offer', sdp: this.sdpOffer });
  addIceCandidate = async (): Promise<void> => {};

  async setLocalDescription(description: { type: string; sdp: string }): Promise<void> {
    this.localDescription = description;
  }

  async setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
    this.remoteDescription = description;
    this.connectionState = 'connected';
    setImmediate(() => this.onconnectionstatechange?.());
  }

  async getStats() {
    this.#packets += 1;
    const packetsReceived = this.#packets;
    return new Map([['video', { type: 'inbound-rtp', kind: 'video', packetsReceived }]]);
  }

  close(): void {
    this.connectionState = 'closed';
  }
}
