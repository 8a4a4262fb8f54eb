import type { Random } from './backoff.js';
import type { WebSocketClass } from './signaling-socket.js';
import { systemTimers, type Timers } from './timers.js';

/** One address that leads to any node, or the nodes themselves: `https://live.example` or `wss://node-1:8080/one2many`. */
type Where = { url: string; urls?: never } | { urls: readonly string[]; url?: never };

type Part =
  /** `stream`: what is sent. It is read again at every renegotiation, so exchange tracks in it. */
  | { role: 'presenter'; stream: MediaStream; waitForPresenter?: never }
  /** `waitForPresenter`: nobody presenting is no end; the session goes on asking. Default: false. */
  | { role: 'viewer'; stream?: never; waitForPresenter?: boolean };

interface Details {
  room: string;
  /**
   * The join token, handed to the server with every offer; or where to get one. A function is asked before the first
   * offer, before one that follows a refusal, and when the session would end because the token expires.
   */
  token?: string | (() => string | Promise<string>);
  /** How often the first offer is made before a refusal that may pass (`pool-full`, `unavailable`) is final. Default: 1. */
  joinAttempts?: number;
  /** Default: `new RTCPeerConnection(config)`. Node needs one of some package. */
  createPeerConnection?: (config: RTCConfiguration) => RTCPeerConnection;
  /** Default: the global one. Node below 22 needs that of the package `ws`. */
  WebSocket?: WebSocketClass;
  /** Leaves when aborted. */
  signal?: AbortSignal;
  /** For tests. */
  random?: Random;
  /** For tests. */
  timers?: Timers;
}

export type SessionOptions = Where & Part & Details;

export type WholeOptions = ReturnType<typeof withDefaults>;

export const withDefaults = (options: SessionOptions) => ({
  waitForPresenter: false,
  joinAttempts: 1,
  createPeerConnection: (config: RTCConfiguration) => new RTCPeerConnection(config),
  WebSocket: globalThis.WebSocket as WebSocketClass,
  random: Math.random,
  timers: systemTimers,
  ...options,
});
