/**
 * A peer connection without media, for what is about messages: its descriptions are numbered texts, and a test
 * says when it connects. Real ones run in the end-to-end tests.
 */
export class FakePeer {
  connectionState: RTCPeerConnectionState = 'new';
  localDescription: { type: 'offer'; sdp: string } | null = null;
  remoteDescription: { type: 'answer'; sdp: string } | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: { track: FakeTrack }) => void) | null = null;
  readonly transceivers: { kind: string; direction: string }[] = [];
  readonly remoteCandidates: string[] = [];
  readonly tracks: FakeTrack[] = [];
  framesDecoded = 0;

  constructor(
    readonly config: RTCConfiguration,
    readonly number: number,
  ) {}

  addTransceiver(media: string | { kind: string }, init: { direction: string }) {
    const kind = typeof media === 'string' ? media : media.kind;
    this.transceivers.push({ kind, direction: init.direction });
  }
  getTransceivers = () => [];
  createOffer = async () => ({ type: 'offer' as const, sdp: `offer-${this.number}` });
  setLocalDescription = async (description: { type: 'offer'; sdp: string }) => {
    this.localDescription = description;
  };
  setRemoteDescription = async (description: { type: 'answer'; sdp: string }) => {
    if (description.sdp === 'nonsense') throw new Error('cannot parse');
    this.remoteDescription = description;
    for (const { kind, direction } of this.transceivers) {
      if (direction === 'recvonly') this.#arrive({ kind, id: `${kind}-${this.number}` });
    }
  };
  #arrive(track: FakeTrack) {
    this.tracks.push(track);
    this.ontrack?.({ track });
  }
  addIceCandidate = async ({ candidate }: { candidate: string }) => {
    this.remoteCandidates.push(candidate);
  };
  getStats = async () =>
    new Map([['v', { type: 'inbound-rtp', kind: 'video', framesDecoded: this.framesDecoded }]]);
  close() {
    this.connectionState = 'closed';
  }

  // for tests

  gather(candidate: string) {
    this.onicecandidate?.({ candidate: { candidate, toJSON: () => ({ candidate }) } });
  }
  becomes(state: RTCPeerConnectionState) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  get isClosed() {
    return this.connectionState === 'closed';
  }
}

export interface FakeTrack {
  kind: string;
  id: string;
}
