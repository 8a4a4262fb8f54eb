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
 *        askAgain └─▼─ refused ───────────────────┘
 */
type Phase = 'opening' | 'asked' | 'refused' | 'accepted' | 'over';

export function joinRoom(order: JoinOrder): Join {
  let phase: Phase = 'opening';
  let isMediaUp = false;
  let negotiation: Negotiation | undefined;
  let socket: SignalingSocket | undefined;
  let answerTimer: ReturnType<typeof setTimeout> | undefined;

  /** `stop` is not sent where nothing is held: after a rejection or after the server's own end. */
  function release(tellServer: boolean) {
    if (tellServer && (phase === 'asked' || phase === 'accepted')) socket?.send({ id: 'stop' });
    phase = 'over';
    clearTimeout(answerTimer);
    negotiation?.close();
    socket?.close();
  }
  function end(event: ParticipationEvent, tellServer: boolean) {
    if (phase === 'over') return;
    release(tellServer);
    order.onEvent(event);
  }
  const fail = (problem: Problem) => end({ type: 'problem', problem }, true);

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
        end({ type: 'ended-by-server' }, false);
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
    phase = 'refused';
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
      if (phase === 'refused') ask();
    },
    leave: () => {
      if (phase !== 'over') release(true);
    },
    stats: async () => (negotiation && isMediaUp && phase === 'accepted' ? negotiation.stats() : []),
  };
}
