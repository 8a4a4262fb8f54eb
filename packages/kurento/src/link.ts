import { SignalError } from '@manycast/protocol';
import { backoffMs, type Logger, writeOncePerTurn } from '@manycast/runtime';
import type { Message } from '../reconnect-ws/index.js';
import { Connection, type Reply, type ServerIdentity } from './connection.js';
import { type CallOptions, retryAfterMs } from './pending-calls.js';

/** When a link is given up, and when it is tried again. All in ms but the counts. */
export interface LinkTimings {
  /** Silence for `missedPings` pings in a row is a dead link: noticed after at most 4 × 400 ms. */
  pingIntervalMs: number;
  missedPings: number;
  /** How long a silent link with a request under way is believed to be busy, see `ServerLinks`. */
  busySilenceMs: number;
  connectTimeoutMs: number;
  retries: number;
  retryBaseMs: number;
  retryMaxMs: number;
  /** From a link's loss to a new one in its place. */
  reopenAfterMs: number;
}

export const defaultTimings: LinkTimings = {
  pingIntervalMs: 400,
  missedPings: 3,
  busySilenceMs: 10_000,
  connectTimeoutMs: 1_500,
  retries: 20,
  retryBaseMs: 100,
  retryMaxMs: 2_000,
  reopenAfterMs: 5_000,
};

export interface LinkOptions {
  url: string;
  timeoutMs: number;
  timings: LinkTimings;
  log: Logger;
  isBusy(link: Link, silentMs: number): boolean;
  onUp(link: Link, identity: ServerIdentity, session: 'new' | 'continued'): void;
  onDown(reason: string): void;
  onNotification(message: Message): void;
  onStray(message: unknown): void;
}

/** A server works one request of a connection at a time; who is behind so many would not be answered in time. */
const MAX_IN_FLIGHT = 500;
const MAX_REPLY_BYTES = 4 * 1024 * 1024;

/** One place for a connection to a media server: when its connection is lost, another takes the place. */
export class Link {
  readonly #options: LinkOptions;
  #connection: Connection | undefined;
  #reopening: NodeJS.Timeout | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  open(): void {
    this.#reopening = undefined;
    const { url, timeoutMs, timings } = this.#options;
    this.#connection = new Connection({
      url,
      timeoutMs,
      link: {
        pingIntervalMs: timings.pingIntervalMs,
        missedPings: timings.missedPings,
        connectTimeoutMs: timings.connectTimeoutMs,
        maxPayloadBytes: MAX_REPLY_BYTES,
        retries: timings.retries,
        delayMs: attempt => backoffMs(attempt, { baseMs: timings.retryBaseMs, maxMs: timings.retryMaxMs }),
        isExcused: silentMs => this.#options.isBusy(this, silentMs),
        onWire: writeOncePerTurn,
        onNotification: message => this.#options.onNotification(message),
        onStray: message => this.#options.onStray(message),
      },
      onUp: (identity, session) => this.#options.onUp(this, identity, session),
      onDown: reason => this.#options.onDown(reason),
      onLost: reason => this.#lost(reason),
    });
  }

  get isUp(): boolean {
    return this.#connection?.isUp ?? false;
  }

  get inFlight(): number {
    return this.#connection?.inFlight ?? 0;
  }

  get silentMs(): number {
    return this.#connection?.silentMs ?? 0;
  }

  call(method: string, params: object, options: CallOptions<Reply>): Promise<Reply> {
    const connection = this.#connection;
    if (!connection)
      return Promise.reject(new SignalError('media-unavailable', { message: 'the link is lost' }));
    if (connection.inFlight >= MAX_IN_FLIGHT)
      return Promise.reject(
        new SignalError('media-unavailable', {
          message: `${MAX_IN_FLIGHT} requests wait for the media server`,
          retryAfterMs,
        }),
      );
    return connection.call(method, params, options);
  }

  /** The server is known to be there: whatever is waited for before the next attempt, it is made now. */
  hurry(): void {
    if (this.#connection) return this.#connection.hurry();
    if (this.#reopening === undefined) return;
    clearTimeout(this.#reopening);
    this.open();
  }

  close(): void {
    clearTimeout(this.#reopening);
    this.#reopening = undefined;
    this.#connection?.close();
    this.#connection = undefined;
  }

  #lost(reason: string): void {
    const { log, url, timings } = this.#options;
    log.warn({ server: url, reason, reopenAfterMs: timings.reopenAfterMs }, 'link to media server lost');
    this.#connection = undefined;
    this.#reopening = setTimeout(() => this.open(), timings.reopenAfterMs);
  }
}
