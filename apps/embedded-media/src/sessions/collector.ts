import type { Logger, Service } from '@manycast/runtime';
import type { SessionId } from './ids.js';

export interface CollectorOptions {
  periodMs: number;
  /** One sweep; returns what it collected. */
  collect: () => SessionId[];
  log: Logger;
}

/** Sweeps once per period, so that a session is collected one to two periods after its socket died. */
export class Collector implements Service {
  readonly name = 'collector';
  readonly #options: CollectorOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { periodMs, collect, log } = this.#options;
    this.#timer = setInterval(() => {
      for (const session of collect()) log.info({ session }, 'a session without a socket was collected');
    }, periodMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }
}
