import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

/** Handed through by kurento-client as its option `socket`. */
export interface LinkOptions {
  pingIntervalMs: number;
  /** A link is down when it was silent for so many pings. */
  missedPings: number;
  connectTimeoutMs: number;
  maxPayloadBytes: number;
  /** Attempts in a row before the link is lost. */
  retries: number;
  delayMs(attempt: number): number;
  /** Asked when a link has been silent too long: may the peer be alive for all that? */
  isExcused(silentMs: number): boolean;
  /** What each socket of the link is written to, before anything is. */
  onWire(wire: Duplex): void;
  /** Every message that is not an answer. */
  onNotification(message: Message): void;
  /** What is no message, or an answer nobody asked for. */
  onStray(message: unknown): void;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
export type Message = any;

/** As kurento-client's callbacks: an error with the server's `code` and `data`, or the result. */
export type Done = (error: Error | undefined, result?: Message) => void;

export interface Reconnection extends EventEmitter<{ up: []; down: [reason: string]; fail: [error: Error] }> {
  readonly connected: boolean;
  readonly silentMs: number;
  hurry(): void;
  /** Sends a request past kurento-client; `params` must name the session. */
  ask(method: string, params: object, done: Done): void;
  drop(reason: string): void;
  resend(maxAgeMs: number): void;
  abandon(): void;
  disconnect(): void;
}
