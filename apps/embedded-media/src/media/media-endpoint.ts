import type { EndpointStats, SelectedPair } from './endpoint-stats.js';
import type { IceState } from './ice-state.js';
import type { ConnectableMedia, Media } from './media-kinds.js';

export type { ConnectableMedia };

export type UpDown = 'CONNECTED' | 'DISCONNECTED';

export interface LocalCandidate {
  candidate: string;
  sdpMid: string;
  sdpMLineIndex: number;
}

export interface FlowChange {
  media: Media;
  isFlowing: boolean;
}

/** Every event an endpoint can emit, by name, with what its listener is given. */
export interface MediaEndpointEvents {
  candidate: LocalCandidate;
  'gathering-done': undefined;
  'ice-state': IceState;
  'connection-state': UpDown;
  'media-state': UpDown;
  /** Kurento's sense: media flows from the pipeline into this endpoint, on its way to the peer. */
  'flow-in': FlowChange;
  /** Kurento's sense: media that the peer sent flows out of this endpoint into the pipeline. */
  'flow-out': FlowChange;
  'candidate-pair': SelectedPair;
}

/**
 * One WebRTC peer of the media server. What it receives can be connected to any number of other endpoints.
 *
 * Guarantees: listeners run on the event loop, never inside the call that caused them and never after
 * `close()`; `close()` may be called any number of times; nothing here throws out of a native callback.
 */
export interface MediaEndpoint {
  readonly id: string;

  /** Resolves to the answer, without candidates. Rejects with SdpError when the offer cannot be used. */
  processOffer(sdp: string): Promise<string>;
  /** Resolves to an offer (audio, video; sendrecv), without candidates. */
  generateOffer(): Promise<string>;
  /** Resolves to the local description. Rejects with SdpError when the answer does not fit the offer. */
  processAnswer(sdp: string): Promise<string>;
  /** Emits 'candidate' for each one found, then 'gathering-done'. Does nothing before a negotiation. */
  gatherCandidates(): void;
  /** `.local` and empty candidates do nothing; throws CandidateError for what is not a candidate. */
  addIceCandidate(candidate: LocalCandidate): void;

  /** From now on `sink` is sent what this endpoint receives: of one medium, or of all. One source per sink and medium: a second replaces the first. */
  connect(sink: MediaEndpoint, media?: ConnectableMedia): void;
  disconnect(sink: MediaEndpoint, media?: ConnectableMedia): void;
  /** Asks the peer for a video keyframe; throttled. */
  requestKeyframe(): void;

  readonly localSdp: string | undefined;
  readonly remoteSdp: string | undefined;
  /** ICE and DTLS are up. */
  readonly connectionState: UpDown;
  /** RTP or RTCP keeps coming from the peer. */
  readonly mediaState: UpDown;
  /** As 'flow-in' says. */
  isFlowingIn(media: Media): boolean;
  /** As 'flow-out' says. */
  isFlowingOut(media: Media): boolean;
  stats(): EndpointStats;

  /** 0 removes the limit. */
  setMaxVideoRecvBandwidth(kbps: number): void;
  setMinVideoRecvBandwidth(kbps: number): void;
  /** Kept for the protocol's sake: a forwarded stream cannot be made smaller for one viewer. */
  setMaxVideoSendBandwidth(kbps: number): void;

  on<E extends keyof MediaEndpointEvents>(event: E, listener: (value: MediaEndpointEvents[E]) => void): void;
  off<E extends keyof MediaEndpointEvents>(event: E, listener: (value: MediaEndpointEvents[E]) => void): void;
  close(): void;
}
