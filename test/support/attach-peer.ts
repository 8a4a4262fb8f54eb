import type { Json } from './kurento-rpc.js';
import type { KurentoSession } from './kurento-session.js';
import type { PeerCandidate, WebRtcPeer } from './webrtc-peer.js';

/**
 * Joins a peer to an endpoint: the peer offers, the endpoint answers, candidates go both ways as they come.
 * In Kurento's order: processOffer, gatherCandidates, then the peer's candidates.
 */
export async function attachPeer(session: KurentoSession, endpoint: string, peer: WebRtcPeer): Promise<void> {
  await trickleTo(session, endpoint, candidate => peer.addCandidate(candidate));
  const offer = await peer.offer();
  peer.acceptAnswer(await session.invoke(endpoint, 'processOffer', { offer }));
  await session.invoke(endpoint, 'gatherCandidates');
  await trickleFrom(session, endpoint, peer);
}

/** The endpoint's candidates, those already found included, to whoever needs them. */
export async function trickleTo(
  session: KurentoSession,
  endpoint: string,
  take: (candidate: PeerCandidate) => void,
): Promise<void> {
  session.socket.onNotification(({ params: { value } }) => {
    if (value.type === 'IceCandidateFound' && value.object === endpoint)
      take(asCandidate(value.data.candidate));
  });
  await session.subscribe(endpoint, 'IceCandidateFound');
}

/** The peer's candidates to the endpoint: those it has and those to come. */
export async function trickleFrom(
  session: KurentoSession,
  endpoint: string,
  peer: WebRtcPeer,
): Promise<void> {
  const add = (candidate: PeerCandidate) =>
    session.invoke(endpoint, 'addIceCandidate', { candidate: { __type__: 'IceCandidate', ...candidate } });
  const early = [...peer.candidates];
  peer.onCandidate = candidate => {
    // A peer may go on gathering while its case ends and the socket goes; late candidates then matter to nobody.
    add(candidate).catch(() => undefined);
  };
  await Promise.all(early.map(add));
}

function asCandidate({ candidate, sdpMid, sdpMLineIndex }: Json): PeerCandidate {
  return { candidate, sdpMid, sdpMLineIndex };
}
