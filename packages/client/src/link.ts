// Longer than a screen: one machine, whose cases are only right when they are read together.
import type { Resumed, ResumeRejected, ServerMessage, Welcome } from '@manycast/protocol';
import { fullJitterMs, type Random, reconnectBackoff } from './backoff.js';
import { finalError } from './close-decision.js';
import type { NodeList } from './node-list.js';
import { SessionError } from './session-error.js';
import {
  openSignalingSocket,
  type Sent,
  type SignalingSocket,
  type WebSocketClass,
} from './signaling-socket.js';
import { createAlarm, type Timers } from './timers.js';

export interface LinkOrder {
  nodes: NodeList;
  WebSocket: WebSocketClass;
  timers: Timers;
  random: Random;
  /** Number of the last event seen, if there is a session worth continuing. */
  position(): number | undefined;
  /** And of the last chat entry. */
  chatPosition(): { chatEpoch?: string; chatOffset?: number };
  /** A socket with a session of its own: the first, or one instead of a session that cannot go on. */
  onFresh(welcome: Welcome, refusal?: SessionError): void;
  /** Another socket carries the session. */
  onResumed(resumed: Resumed, welcome: Welcome): void;
  onMessage(message: SessionMessage): void;
  /** No socket carries the session; another is opened after `delayMs`. */
  onLost(delayMs: number): void;
  /** Nothing follows. */
  onEnded(error: SessionError): void;
}

/** What is not settled between socket and link. */
export type SessionMessage = Exclude<ServerMessage, { id: 'resumed' | 'resumeRejected' | 'goaway' | 'pong' }>;

/** Keeps one session on a socket: whichever node that leads to, and over as many sockets as it takes. */
export interface Link {
  /** A socket carries the session, and it is not just being moved. */
  readonly canSend: boolean;
  /** False when it cannot: to be sent again when it can. */
  send(message: Sent): boolean;
  /** Opens another socket, continues the session there, then closes the present one. */
  move(): void;
  /** Idempotent; no handler is called afterwards. `last` is sent if there is a socket to send it on. */
  close(last?: Sent): Promise<void>;
}

/**
 * A `resume` without an answer for this long is tried again on another socket. Longer than a node waits for the store
 * and for a media server that hangs: each try that it did carry out makes the token older.
 */
const resumeTimeoutMs = 12_000;
/** For the first socket of all; later ones are tried for as long as the session lasts. */
const giveUpAfterMs = 15_000;
/** A socket that held for this long was a good one: the next loss begins with the shortest delay again. */
const settledAfterMs = 5_000;

/**
 *   lost ──delay──▶ opening ──welcome──▶ resuming ──resumed──▶ attached ──goaway, move──▶ attached and opening
 *    ▲                │ │                   │                  ▲ │  ▲                            │
 *    │                │ └─nothing to resume─│──────────────────┘ │  └──the former one closes─────┘
 *    └──closed, late──┴─────────────────────┴────────────────────┘
 */
export function createLink(order: LinkOrder): Link {
  /** Carries the session. */
  let attached: SignalingSocket | undefined;
  /** On its way to carry it. Both exist while the session moves: make before break. */
  let opening: SignalingSocket | undefined;
  let isResuming = false;
  let resumeToken: string | undefined;
  let failures = 0;
  const alarm = () => createAlarm(order.timers);
  const alarms = { retry: alarm(), reply: alarm(), settled: alarm(), goaway: alarm(), giveUp: alarm() };

  function open() {
    let welcome: Welcome | undefined;
    let socket: SignalingSocket;
    try {
      socket = openSignalingSocket({
        ...order,
        url: order.nodes.next(),
        onWelcome: greeting => {
          welcome = greeting;
          order.nodes.learn(greeting.nodes ?? []);
          if (socket === attached) return onAttachedMessage(greeting);
          const seq = order.position();
          if (resumeToken === undefined || seq === undefined) return begin(greeting);
          isResuming = true;
          socket.send({ id: 'resume', resumeToken, seq, ...order.chatPosition() });
          alarms.reply.set(resumeTimeoutMs, () => fail());
        },
        onMessage: message => {
          if (socket === attached) onAttachedMessage(message);
          else if (!welcome) return;
          else if (message.id === 'resumed') {
            resumeToken = message.resumeToken;
            promote();
            order.onResumed(message, welcome);
          } else if (message.id === 'resumeRejected') onRejected(message, welcome);
        },
        onClosed: (code, reason) => onClosed(socket, finalError(code, reason)),
      });
      opening = socket;
    } catch (cause) {
      end(new SessionError('bad-address', { cause }));
    }
  }

  function begin(welcome: Welcome, refusal?: SessionError) {
    resumeToken = welcome.resumeToken;
    promote();
    order.onFresh(welcome, refusal);
  }

  function onRejected({ code, message, retryAfterMs }: ResumeRejected, welcome: Welcome) {
    const refusal = new SessionError(code, { message, retryAfterMs });
    if (refusal.isRetryable) fail(retryAfterMs);
    else begin(welcome, refusal);
  }

  /** The opening socket carries the session from now on. */
  function promote() {
    attached?.close();
    attached = opening;
    opening = undefined;
    isResuming = false;
    for (const alarm of Object.values(alarms)) alarm.clear();
    alarms.settled.set(settledAfterMs, () => {
      failures = 0;
    });
  }

  function onAttachedMessage(message: ServerMessage) {
    switch (message.id) {
      case 'resumed':
      case 'resumeRejected':
      case 'pong':
        return;
      case 'welcome':
        resumeToken = message.resumeToken;
        return order.onMessage(message);
      case 'goaway':
        if (!alarms.goaway.isSet) alarms.goaway.set(message.afterMs, move);
        return;
      default:
        order.onMessage(message);
    }
  }

  function onClosed(socket: SignalingSocket, error: SessionError | undefined) {
    if (socket === opening) return error ? end(error) : fail();
    if (socket !== attached) return;
    // By our own resume, on the opening socket: nothing is lost unless that one fails.
    const isSuperseded = error?.code === 'superseded' && isResuming;
    if (error && !isSuperseded) return end(error);
    attached = undefined;
    alarms.settled.clear();
    alarms.goaway.clear();
    if (isSuperseded) return;
    if (opening || alarms.retry.isSet) order.onLost(0);
    else order.onLost(openLater());
  }

  /** The opening socket came to nothing. */
  function fail(atLeastMs = 0) {
    opening?.close();
    opening = undefined;
    isResuming = false;
    alarms.reply.clear();
    const delayMs = openLater(atLeastMs);
    if (!attached) order.onLost(delayMs);
  }

  function openLater(atLeastMs = 0): number {
    const delayMs = atLeastMs + fullJitterMs(failures, reconnectBackoff, order.random);
    failures += 1;
    alarms.retry.set(delayMs, open);
    return delayMs;
  }

  function move() {
    if (!attached || opening || alarms.retry.isSet) return;
    if (failures > 0) return void openLater();
    failures += 1;
    open();
  }

  async function close(last?: Sent) {
    for (const alarm of Object.values(alarms)) alarm.clear();
    const [former, coming] = [attached, opening];
    attached = opening = undefined;
    coming?.close();
    if (last) former?.send(last);
    await former?.close();
  }

  function end(error: SessionError) {
    close();
    order.onEnded(error);
  }

  alarms.giveUp.set(giveUpAfterMs, () => end(new SessionError('server-unreachable')));
  // Not at once: nobody has the link yet whose handlers would be called.
  alarms.retry.set(0, open);

  const canSend = () => attached !== undefined && !isResuming;
  return {
    get canSend() {
      return canSend();
    },
    send: message => canSend() && (attached as SignalingSocket).send(message),
    move,
    close,
  };
}
