import type { RtcStat } from './participation.js';
import type { Problem } from './problem.js';
import type { ClientMessage } from './signaling-socket.js';

/** One offer and its answer: a peer connection, from `createOffer` to the last candidate. */
export interface Negotiation {
  accept(sdpAnswer: string): void;
  addCandidate(candidate: RTCIceCandidateInit): void;
  /** No handler is called afterwards. */
  close(): void;
  stats(): Promise<Iterable<RtcStat>>;
}

export interface NegotiationOrder {
  id: 'presenter' | 'viewer';
  room: string;
  addMedia: (peer: RTCPeerConnection) => void;
  send: (message: ClientMessage) => void;
  onConnected: () => void;
  onInterrupted: () => void;
  onProblem: (problem: Problem) => void;
}

/** ICE gives up by itself after about 15 s, but only once it has been given something to try. */
const connectTimeoutMs = 25_000;
/** A media server that ends a broadcast closes DTLS; the server's word for it may come a little later. */
const closedGraceMs = 3_000;

export function negotiate(order: NegotiationOrder): Negotiation {
  const peer = new RTCPeerConnection();
  const ownCandidates: RTCIceCandidateInit[] = [];
  const earlyCandidates: RTCIceCandidateInit[] = [];
  let isOfferSent = false;
  let wasConnected = false;
  let isClosed = false;
  let giveUpTimer: ReturnType<typeof setTimeout> | undefined;

  const giveUpAfter = (ms: number) => {
    clearTimeout(giveUpTimer);
    giveUpTimer = setTimeout(() => order.onProblem({ code: wasConnected ? 'media-lost' : 'ice-failed' }), ms);
  };
  const sendCandidate = (candidate: RTCIceCandidateInit) => order.send({ id: 'onIceCandidate', candidate });
  const addRemote = (candidate: RTCIceCandidateInit) => {
    // One unusable candidate among several is no failure; when none is usable ICE says so.
    peer.addIceCandidate(candidate).catch(() => undefined);
  };

  peer.onicecandidate = ({ candidate }) => {
    // The wire has no end-of-candidates.
    if (candidate === null || candidate.candidate === '') return;
    if (isOfferSent) sendCandidate(candidate.toJSON());
    else ownCandidates.push(candidate.toJSON());
  };
  peer.onconnectionstatechange = () => {
    if (isClosed) return;
    switch (peer.connectionState) {
      case 'connected':
        clearTimeout(giveUpTimer);
        wasConnected = true;
        watchForRemoteClose();
        order.onConnected();
        break;
      case 'disconnected':
        order.onInterrupted();
        break;
      case 'failed':
        giveUpAfter(0);
        break;
    }
  };
  function watchForRemoteClose() {
    const dtls = peer.getTransceivers()[0]?.receiver.transport;
    if (!dtls) return;
    dtls.onstatechange = () => {
      if (isClosed || dtls.state !== 'closed') return;
      order.onInterrupted();
      giveUpAfter(closedGraceMs);
    };
  }

  async function offer() {
    order.addMedia(peer);
    await peer.setLocalDescription(await peer.createOffer());
    if (isClosed) return;
    order.send({ id: order.id, sdpOffer: peer.localDescription?.sdp ?? '', room: order.room });
    isOfferSent = true;
    for (const candidate of ownCandidates.splice(0)) sendCandidate(candidate);
  }
  offer().catch(() => {
    if (!isClosed) order.onProblem({ code: 'no-webrtc' });
  });

  return {
    accept: sdpAnswer => {
      giveUpAfter(connectTimeoutMs);
      peer.setRemoteDescription({ type: 'answer', sdp: sdpAnswer }).then(
        () => earlyCandidates.splice(0).forEach(addRemote),
        () => {
          if (!isClosed) order.onProblem({ code: 'bad-answer' });
        },
      );
    },
    addCandidate: candidate => {
      if (peer.remoteDescription) addRemote(candidate);
      else earlyCandidates.push(candidate);
    },
    close: () => {
      isClosed = true;
      clearTimeout(giveUpTimer);
      peer.onicecandidate = null;
      peer.close();
    },
    stats: async () => {
      const report = await peer.getStats();
      return Array.from(report.values() as Iterable<RtcStat>);
    },
  };
}
