import type { ProbedServer, ServerLoad } from '@manycast/core';
import type { MediaServerUrl } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { SERVER_MANAGER } from './connection.js';
import { defaultTimings, Link } from './link.js';

/** When a server counts as lost to this process. All in ms. */
export interface CanaryTimings {
  /** Between two calls. */
  everyMs: number;
  /** Without an answer for this long the server is lost, even though it holds the connection. */
  silenceMs: number;
  /** Without a connection for this long it is lost: one that was merely cut is back by then. */
  cutMs: number;
}

export const defaultCanaryTimings: CanaryTimings = { everyMs: 500, silenceMs: 1_200, cutMs: 300 };

export interface CanaryOptions {
  url: MediaServerUrl;
  timings: CanaryTimings;
  log: Logger;
  onChange(): void;
}

const lookMs = 100;
/** A look that comes later than this shows that this process was held up itself: answers may lie unread. */
const heldUpMs = 3 * lookMs;
const mostUnanswered = 3;
const cpuSampleMs = 100;

/**
 * Asks a media server again and again whether it is there, on a connection of its own, so that the question waits
 * behind nobody's join. `connect` is the cheapest call that also says who answers.
 */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #link: Link;
  readonly #looking: NodeJS.Timeout;
  readonly #calling: NodeJS.Timeout;
  readonly #begunAtMs = performance.now();
  #heardAtMs: number | undefined;
  #cutAtMs: number | undefined;
  #lookedAtMs = performance.now();
  #serverId: string | null = null;
  #last = '';

  constructor(options: CanaryOptions) {
    this.#options = options;
    const { url, timings, log } = options;
    this.#link = new Link({
      url,
      timeoutMs: timings.silenceMs,
      timings: {
        ...defaultTimings,
        connectTimeoutMs: timings.silenceMs,
        retries: Number.POSITIVE_INFINITY,
        retryMaxMs: 500,
      },
      log: log.child({}, { level: 'silent' }),
      isBusy: () => false,
      onUp: (_link, { serverId }) => {
        this.#serverId = serverId;
        this.#heard();
      },
      onDown: () => {
        this.#cutAtMs ??= performance.now();
      },
      onNotification: () => {},
      onStray: () => {},
    });
    this.#link.open();
    this.#looking = setInterval(() => setImmediate(() => this.#look()), lookMs);
    this.#calling = setInterval(() => this.#call(), timings.everyMs);
  }

  look(): ProbedServer | null {
    const { silenceMs, cutMs } = this.#options.timings;
    const nowMs = performance.now();
    const serverId = this.#serverId;
    if (this.#heardAtMs === undefined)
      return nowMs - this.#begunAtMs < silenceMs ? null : { isReachable: false, serverId };
    const isCut = this.#cutAtMs !== undefined && nowMs - this.#cutAtMs >= cutMs;
    const isSilent = nowMs - this.#heardAtMs >= silenceMs;
    return { isReachable: !isCut && !isSilent, serverId };
  }

  /** Blocks the canary's own connection for a moment, and nobody else's. Throws SignalError `media-unavailable`. */
  async load(): Promise<Omit<ServerLoad, 'endpoints'>> {
    const [memoryKb, cores, percentOfOneCore] = await Promise.all([
      this.#ask('getUsedMemory'),
      this.#ask('getCpuCount'),
      this.#ask('getUsedCpu', { interval: cpuSampleMs }),
    ]);
    const cpu = cores > 0 ? Math.min(1, percentOfOneCore / 100 / cores) : null;
    return { cpu, memoryBytes: memoryKb * 1024 };
  }

  close(): void {
    clearInterval(this.#looking);
    clearInterval(this.#calling);
    this.#link.close();
  }

  async #ask(operation: string, operationParams: object = {}): Promise<number> {
    const params = { object: SERVER_MANAGER, operation, operationParams };
    const reply = await this.#link.call('invoke', params, { timeoutMs: this.#options.timings.silenceMs });
    return Number(reply.value);
  }

  #call(): void {
    if (!this.#link.isUp || this.#link.inFlight >= mostUnanswered) return;
    this.#link.call('connect', {}, { timeoutMs: this.#options.timings.silenceMs }).then(
      ({ serverId }) => {
        this.#serverId = String(serverId ?? this.#serverId);
        this.#heard();
      },
      () => {},
    );
  }

  #heard(): void {
    this.#heardAtMs = performance.now();
    this.#cutAtMs = undefined;
    this.#tell();
  }

  #look(): void {
    const nowMs = performance.now();
    const sinceMs = nowMs - this.#lookedAtMs;
    this.#lookedAtMs = nowMs;
    // A process that stood still does not take its own silence for the server's.
    if (sinceMs > heldUpMs) {
      if (this.#heardAtMs !== undefined) this.#heardAtMs += sinceMs - lookMs;
      if (this.#cutAtMs !== undefined) this.#cutAtMs += sinceMs - lookMs;
    }
    this.#tell();
  }

  #tell(): void {
    const found = JSON.stringify(this.look());
    if (found === this.#last) return;
    this.#last = found;
    this.#options.onChange();
  }
}
