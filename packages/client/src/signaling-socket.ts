import type { ClientMessage, ServerMessage, Welcome } from '@manycast/protocol';
import { subprotocol } from '@manycast/protocol/wire';
import { type Heartbeat, startHeartbeat } from './heartbeat.js';
import { readServerMessage } from './server-message.js';
import { createAlarm, type Timers } from './timers.js';

/** What is used of a WebSocket; a browser's has it, and so has that of the package `ws`. */
export interface WebSocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message' | 'close' | 'error', listener: (event: never) => void): void;
}
export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

/** What a client sends, and `resume` with it; the server's schema makes it whole. */
export type Sent =
  | Exclude<ClientMessage, { id: 'presenter' | 'viewer' | 'onIceCandidate' }>
  | { id: 'presenter' | 'viewer'; sdpOffer: string; room: string; token?: string }
  | { id: 'onIceCandidate'; candidate: RTCIceCandidateInit };

/** One WebSocket that speaks `manycast.v1`, alive for as long as its pings are answered. */
export interface SignalingSocket {
  /** False when it is not open. */
  send(message: Sent): boolean;
  /** No handler is called afterwards. What was sent before still goes out; resolves when the server has it all. */
  close(): Promise<void>;
}

export interface SignalingSocketOrder {
  url: string;
  WebSocket: WebSocketClass;
  timers: Timers;
  /** First of all; again when the server has a new session for the same socket. */
  onWelcome(welcome: Welcome): void;
  onMessage(message: ServerMessage): void;
  /** Once, whatever went wrong. 1006 also stands for a socket that never opened or does not answer any more. */
  onClosed(code: number, reason: string): void;
}

/** For the handshake and the server's `welcome`. */
const welcomeTimeoutMs = 8_000;
const isOpen = 1;
const abnormalClosure = 1006;

/** Throws what the WebSocket class throws at an address it does not like. */
export function openSignalingSocket(order: SignalingSocketOrder): SignalingSocket {
  const socket = new order.WebSocket(order.url, [subprotocol]);
  const welcomeAlarm = createAlarm(order.timers);
  let heartbeat: Heartbeat | undefined;
  let isDone = false;
  let onGone = () => {};
  const gone = new Promise<void>(resolve => {
    onGone = resolve;
  });

  const send = (message: Sent) => {
    if (socket.readyState !== isOpen) return false;
    socket.send(JSON.stringify(message));
    return true;
  };
  function close() {
    isDone = true;
    welcomeAlarm.clear();
    heartbeat?.stop();
    socket.close();
    return gone;
  }
  function end(code: number, reason: string) {
    if (isDone) return;
    close();
    order.onClosed(code, reason);
  }
  const die = () => end(abnormalClosure, '');
  function greet(welcome: Welcome) {
    welcomeAlarm.clear();
    heartbeat ??= startHeartbeat({
      periodMs: welcome.heartbeatMs,
      timers: order.timers,
      ping: () => send({ id: 'ping' }),
      onDead: die,
    });
    order.onWelcome(welcome);
  }

  socket.addEventListener('message', ({ data }: { data: unknown }) => {
    const message = isDone ? undefined : readServerMessage(data);
    if (message?.id === 'pong') heartbeat?.onPong();
    else if (message?.id === 'welcome') {
      greet(message);
    } else if (message) order.onMessage(message);
  });
  socket.addEventListener('close', ({ code, reason }: { code: number; reason: string }) => {
    onGone();
    end(code, reason);
  });
  // Always followed by `close`; unheard, the package `ws` would throw it.
  socket.addEventListener('error', () => undefined);
  welcomeAlarm.set(welcomeTimeoutMs, die);

  return { send, close };
}
