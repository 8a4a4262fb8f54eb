export interface MediaInStats {
  packets: number;
  bytes: number;
  /** Cumulative, as in RFC 3550: expected minus received, so it can shrink when repairs arrive. */
  packetsLost: number;
  /** The fraction lost in the last report interval, 0..1. */
  fractionLost: number;
  jitterMs: number;
  /** Sent by us towards the peer. */
  nacks: number;
  plis: number;
  firs: number;
}

export interface MediaOutStats {
  packets: number;
  bytes: number;
  retransmitted: number;
  /** Not sent because the transport was full or the viewer had not seen a keyframe yet. */
  dropped: number;
  /** As the peer last reported it. */
  packetsLost: number;
  fractionLost: number;
  jitterMs: number;
  /** Received from the peer. */
  nacks: number;
  plis: number;
  firs: number;
}

export interface SelectedPair {
  local: { address: string; port: number; type: string; candidate: string };
  remote: { address: string; port: number; type: string; candidate: string };
}

/** A snapshot; undefined where that direction of that medium was not negotiated. */
export interface EndpointStats {
  audioIn: (MediaInStats & { ssrc: number }) | undefined;
  audioOut: (MediaOutStats & { ssrc: number }) | undefined;
  videoIn: (MediaInStats & { ssrc: number }) | undefined;
  videoOut: (MediaOutStats & { ssrc: number }) | undefined;
  /** From receiver reports; undefined before the first one. */
  roundTripTimeMs: number | undefined;
  /** What the peer was last allowed to send, bit/s. */
  rembBps: number | undefined;
  selectedPair: SelectedPair | undefined;
}
