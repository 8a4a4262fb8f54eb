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
 * The present peer connection and the one that is to replace it. A viewer's old one plays until the new one has a
 * picture; a presenter's old one goes on sending until the server ends it, for those who have yet to follow.
 * `stream` stays the same object throughout; its tracks are exchanged.
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
  /** The server says that the present connection is of no use, which would be seen here much later. */
  lose(): void;
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
  /** What the present connection carries flows, as far as is known. */
  let isFlowing = false;
  /** Of a presenter: each ends when the server ends it, or has died. */
  const formers = new Set<Negotiation>();
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
        if (mine === present) return up();
        if (mine !== next) return;
        stopWaiting?.();
        if (present && role === 'viewer')
          stopWaiting = awaitPicture(
            peer,
            timers,
            () => isFlowing,
            () => take(tracks),
          );
        else take(tracks);
      },
      onInterrupted: () => {
        if (mine === present) interrupted();
      },
      onFailed: (code, cause) => {
        if (formers.delete(mine)) return mine.close();
        if (mine === present) return lost();
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
    if (role === 'viewer') exchangeTracks(stream, tracks);
    if (former && role === 'presenter' && isFlowing) formers.add(former);
    else former?.close();
    tracks.forEach(order.onTrack);
    up();
  }

  function up() {
    isFlowing = true;
    order.onUp();
  }
  function interrupted() {
    isFlowing = false;
    order.onInterrupted();
  }
  function lost() {
    if (isFlowing) interrupted();
    order.onLost();
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
    lose: () => {
      if (present && isFlowing) lost();
    },
    withdraw,
    close: () => {
      withdraw();
      for (const former of formers) former.close();
      formers.clear();
      present?.close();
      present = undefined;
      isFlowing = false;
    },
  };
}

/**
 * One kind after the other, and the old track first: a video element that has two of one kind shows neither in
 * Chromium, and a stream that has lost all its tracks has ended.
 */
function exchangeTracks(stream: MediaStream | undefined, tracks: MediaStreamTrack[]) {
  const outdated = stream?.getTracks() ?? [];
  for (const track of tracks) {
    for (const old of outdated) if (old.kind === track.kind) stream?.removeTrack(old);
    stream?.addTrack(track);
  }
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
