import type { SessionErrorCode } from './session-error.js';
import { createAlarm, type Timers } from './timers.js';

/** One offer and its answer: a peer connection, from `createOffer` to its end. */
export interface Negotiation {
  readonly peer: RTCPeerConnection;
  readonly hasAnswer: boolean;
  accept(sdpAnswer: string): void;
  addCandidate(candidate: RTCIceCandidateInit): void;
  /** Sends what was gathered while nothing could be sent; before ICE is connected everything, it may have been lost. */
  sendCandidates(): void;
  /** No handler is called afterwards. */
  close(): void;
}

export interface NegotiationOrder {
  peer: RTCPeerConnection;
  timers: Timers;
  addMedia(peer: RTCPeerConnection): void;
  /** False when it could not be sent. */
  sendOffer(sdpOffer: string): boolean;
  sendCandidate(candidate: RTCIceCandidateInit): boolean;
  onConnected(): void;
  /** Nothing arrives at the moment: followed by `onConnected` or `onFailed`. */
  onInterrupted(): void;
  onFailed(code: SessionErrorCode, cause?: unknown): void;
}

/** ICE gives up by itself after about 15 s, but only once it has been given something to try. */
const connectTimeoutMs = 25_000;
/** A media server that ends a broadcast closes DTLS; the server's word for it may come a little later. */
const closedGraceMs = 3_000;

export function startNegotiation(order: NegotiationOrder): Negotiation {
  const { peer } = order;
  const own: RTCIceCandidateInit[] = [];
  const early: RTCIceCandidateInit[] = [];
  const giveUp = createAlarm(order.timers);
  let sentCount = 0;
  let isOffered = false;
  let hasAnswer = false;
  let wasConnected = false;
  let isClosed = false;

  const fail = (code: SessionErrorCode, cause?: unknown) => {
    if (!isClosed) order.onFailed(code, cause);
  };
  const failAfter = (ms: number) => giveUp.set(ms, () => fail(wasConnected ? 'media-lost' : 'ice-failed'));
  // One unusable candidate among several is no failure; when none is usable ICE says so.
  const addRemote = (candidate: RTCIceCandidateInit) => {
    peer.addIceCandidate(candidate).catch(() => undefined);
  };

  function flush() {
    while (isOffered && sentCount < own.length) {
      if (!order.sendCandidate(own[sentCount] as RTCIceCandidateInit)) return;
      sentCount += 1;
    }
  }

  peer.onicecandidate = ({ candidate }) => {
    // The wire has no end-of-candidates.
    if (isClosed || !candidate?.candidate) return;
    own.push(candidate.toJSON());
    flush();
  };
  peer.onconnectionstatechange = () => {
    if (isClosed) return;
    if (peer.connectionState === 'connected') {
      giveUp.clear();
      wasConnected = true;
      watchForRemoteClose();
      order.onConnected();
    } else if (peer.connectionState === 'disconnected') order.onInterrupted();
    else if (peer.connectionState === 'failed') failAfter(0);
  };
  /** A closed DTLS transport is not a failed connection in every browser. */
  function watchForRemoteClose() {
    const dtls = peer.getTransceivers()[0]?.receiver.transport;
    if (!dtls) return;
    dtls.onstatechange = () => {
      if (isClosed || dtls.state !== 'closed') return;
      order.onInterrupted();
      failAfter(closedGraceMs);
    };
  }

  async function offer() {
    order.addMedia(peer);
    await peer.setLocalDescription(await peer.createOffer());
    if (isClosed) return;
    isOffered = order.sendOffer(peer.localDescription?.sdp ?? '');
    flush();
  }
  offer().catch(cause => fail('no-webrtc', cause));

  return {
    peer,
    get hasAnswer() {
      return hasAnswer;
    },
    accept: sdpAnswer => {
      hasAnswer = true;
      failAfter(connectTimeoutMs);
      peer.setRemoteDescription({ type: 'answer', sdp: sdpAnswer }).then(
        () => early.splice(0).forEach(addRemote),
        cause => fail('bad-answer', cause),
      );
    },
    addCandidate: candidate => {
      if (peer.remoteDescription) addRemote(candidate);
      else early.push(candidate);
    },
    sendCandidates: () => {
      if (!wasConnected) sentCount = 0;
      flush();
    },
    close: () => {
      isClosed = true;
      giveUp.clear();
      peer.onicecandidate = peer.onconnectionstatechange = peer.ontrack = null;
      peer.close();
    },
  };
}
