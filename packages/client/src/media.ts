import { awaitPicture } from './first-picture.js';
import { type Negotiation, startNegotiation } from './negotiation.js';
import type { SessionErrorCode } from './session-error.js';
import type { Timers } from './timers.js';

export interface MediaOrder {
  role: 'presenter' | 'viewer';
  /** What a presenter sends. */
  source: MediaStream | undefined;
  timers: Timers;
  createPeerConnection(config: RTCConfiguration): RTCPeerConnection;
  sendOffer(sdpOffer: string): boolean;
  sendCandidate(candidate: RTCIceCandidateInit): boolean;
  onTrack(track: MediaStreamTrack): void;
  /** The present connection carries media: for the first time, again, or instead of the one before. */
  onUp(): void;
  /** Nothing arrives at the moment; followed by `onUp` or `onLost`. */
  onInterrupted(): void;
  /** The present connection is of no use any more; its last picture stays until there is another. */
  onLost(): void;
  /** An offer came to nothing. */
  onFailed(code: SessionErrorCode, cause?: unknown): void;
}

/**
 * The present peer connection and the one that is to replace it: the old one plays until the new one has a
 * picture. `stream` stays the same object throughout; its tracks are exchanged.
 */
export interface Media {
  readonly peer: RTCPeerConnection | undefined;
  readonly stream: MediaStream | undefined;
  /** An offer is made and not answered yet. */
  readonly isAsking: boolean;
  /** A connection is on its way to become the present one. */
  readonly isReplacing: boolean;
  /** Makes an offer on a new peer connection; a former one that never came to anything is given up. */
  offer(config: RTCConfiguration): void;
  accept(sdpAnswer: string): void;
  addCandidate(candidate: RTCIceCandidateInit): void;
  sendCandidates(): void;
  /** The offer was refused, or is not worth waiting for. */
  withdraw(): void;
  /** Everything; the last picture stays in the stream. */
  close(): void;
}

export function createMedia(order: MediaOrder): Media {
  const { role, timers } = order;
  let present: Negotiation | undefined;
  let next: Negotiation | undefined;
  let stopWaiting: (() => void) | undefined;
  const stream =
    role === 'presenter' ? order.source : typeof MediaStream === 'undefined' ? undefined : new MediaStream();

  function withdraw() {
    stopWaiting?.();
    next?.close();
    next = undefined;
  }

  function offer(config: RTCConfiguration) {
    withdraw();
    let mine: Negotiation;
    let peer: RTCPeerConnection;
    try {
      peer = order.createPeerConnection(config);
    } catch (cause) {
      return order.onFailed('no-webrtc', cause);
    }
    const tracks: MediaStreamTrack[] = [];
    peer.ontrack = ({ track }) => tracks.push(track);
    mine = next = startNegotiation({
      ...order,
      peer,
      addMedia: role === 'presenter' ? sendAll(order.source) : receiveAll,
      onConnected: () => {
        if (mine === present) return order.onUp();
        stopWaiting?.();
        if (present && role === 'viewer') stopWaiting = awaitPicture(peer, timers, () => take(tracks));
        else take(tracks);
      },
      onInterrupted: () => {
        if (mine === present) order.onInterrupted();
      },
      onFailed: (code, cause) => {
        if (mine === present) return order.onLost();
        withdraw();
        order.onFailed(code, cause);
      },
    });
  }

  /** The next connection becomes the present one. */
  function take(tracks: MediaStreamTrack[]) {
    const former = present;
    present = next;
    next = undefined;
    if (role === 'viewer') {
      const outdated = stream?.getTracks() ?? [];
      for (const track of tracks) stream?.addTrack(track);
      for (const track of outdated) stream?.removeTrack(track);
    }
    former?.close();
    tracks.forEach(order.onTrack);
    order.onUp();
  }

  return {
    get peer() {
      return present?.peer ?? next?.peer;
    },
    stream,
    get isAsking() {
      return next !== undefined && !next.hasAnswer;
    },
    get isReplacing() {
      return next !== undefined;
    },
    offer,
    accept: sdpAnswer => next?.accept(sdpAnswer),
    addCandidate: candidate => (next ?? present)?.addCandidate(candidate),
    sendCandidates: () => (next ?? present)?.sendCandidates(),
    withdraw,
    close: () => {
      withdraw();
      present?.close();
      present = undefined;
    },
  };
}

/** Both kinds are always offered: without a microphone the sound stays silent rather than missing. */
const sendAll = (source: MediaStream | undefined) => (peer: RTCPeerConnection) => {
  for (const kind of ['audio', 'video']) {
    const track = source?.getTracks().find(candidate => candidate.kind === kind);
    peer.addTransceiver(track ?? kind, { direction: 'sendonly', streams: source ? [source] : [] });
  }
};

const receiveAll = (peer: RTCPeerConnection) => {
  for (const kind of ['audio', 'video']) peer.addTransceiver(kind, { direction: 'recvonly' });
};
