import type { ServerMessage } from '@manycast/protocol';
import { type Negotiation, negotiate } from './negotiation.js';
import type { ParticipationEvent, ParticipationOrder, RtcStat } from './participation.js';
import type { Problem } from './problem.js';
import { openSignalingSocket, type SignalingSocket } from './signaling-socket.js';

export interface JoinOrder extends ParticipationOrder {
  id: 'presenter' | 'viewer';
  addMedia: (peer: RTCPeerConnection) => void;
}

/** One socket and, on it, one offer at a time. */
export interface Join {
  /** After `no-presenter`: a fresh offer on the same socket. */
  askAgain(): void;
  /** Idempotent. */
  leave(): void;
  stats(): Promise<Iterable<RtcStat>>;
}

/** Longer than the server lets a viewer wait for a presenter that is just starting. */
const answerTimeoutMs = 20_000;
/** Errors about single candidates: ICE goes on with the others, and says so when it cannot. */
const harmless: ReadonlySet<string> = new Set(['bad-candidate', 'too-many-candidates', 'out-of-order']);

/**
 *   opening ──▶ asked ──accepted──▶ accepted ──▶ over
 *                 ▲ │ no-presenter                ▲
 *        askAgain └─▼─ dismissed ─────────────────┘
 *
 * Dismissed: rejected, or told that the broadcast is over. The server holds nothing and expects no `stop`.
 */
type Phase = 'opening' | 'asked' | 'dismissed' | 'accepted' | 'over';

export function joinRoom(order: JoinOrder): Join {
  let phase: Phase = 'opening';
  let isMediaUp = false;
  let negotiation: Negotiation | undefined;
  let socket: SignalingSocket | undefined;
  let answerTimer: ReturnType<typeof setTimeout> | undefined;

  function leave() {
    if (phase === 'asked' || phase === 'accepted') socket?.send({ id: 'stop' });
    phase = 'over';
    clearTimeout(answerTimer);
    negotiation?.close();
    socket?.close();
  }
  function end(event: ParticipationEvent) {
    if (phase === 'over') return;
    order.onEvent(event);
    leave();
  }
  const fail = (problem: Problem) => end({ type: 'problem', problem });

  function ask() {
    phase = 'asked';
    answerTimer = setTimeout(() => fail({ code: 'no-answer' }), answerTimeoutMs);
    negotiation = negotiate({
      id: order.id,
      room: order.room,
      addMedia: order.addMedia,
      send: message => socket?.send(message),
      onConnected: () => {
        isMediaUp = true;
        order.onEvent({ type: 'media-connected' });
      },
      onInterrupted: () => order.onEvent({ type: 'media-interrupted' }),
      onProblem: fail,
    });
  }

  function onMessage(message: ServerMessage) {
    switch (message.id) {
      case 'presenterResponse':
      case 'viewerResponse':
        if (phase === 'asked' && message.id === `${order.id}Response`) onResponse(message);
        break;
      case 'iceCandidate':
        if (phase === 'asked' || phase === 'accepted') negotiation?.addCandidate(message.candidate);
        break;
      case 'stopCommunication':
        phase = 'dismissed';
        end({ type: 'ended-by-server' });
        break;
      case 'error':
        if (!harmless.has(message.code)) fail(message);
        break;
    }
  }

  function onResponse(message: Extract<ServerMessage, { response: string }>) {
    clearTimeout(answerTimer);
    if (message.response === 'accepted') {
      phase = 'accepted';
      order.onEvent({ type: 'accepted' });
      negotiation?.accept(message.sdpAnswer);
      return;
    }
    phase = 'dismissed';
    negotiation?.close();
    if (message.code === 'no-presenter') order.onEvent({ type: 'no-presenter' });
    else fail(message);
  }

  function onClosed(problem: Problem) {
    if (isMediaUp && problem.code === 'server-lost') order.onEvent({ type: 'server-lost' });
    else fail(problem);
  }

  // Both are told later, like every other event.
  if (typeof RTCPeerConnection === 'undefined') queueMicrotask(() => fail({ code: 'no-webrtc' }));
  else open();

  function open() {
    try {
      socket = openSignalingSocket(order.serverUrl, { onOpen: ask, onMessage, onClosed });
    } catch {
      // The browser throws where a page over https names a node over ws.
      queueMicrotask(() => fail({ code: 'insecure-node' }));
    }
  }

  return {
    askAgain: () => {
      if (phase === 'dismissed') ask();
    },
    leave,
    stats: async () => (negotiation && isMediaUp && phase === 'accepted' ? negotiation.stats() : []),
  };
}
