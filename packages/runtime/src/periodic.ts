import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from './logger.js';
import type { Service } from './service.js';

export interface PeriodicOptions {
  name: string;
  everyMs: number;
  log: Logger;
}

/**
 * Does something again and again, never twice at a time: `everyMs` lie between an end and the next beginning. What
 * fails is logged and done again. `stop` waits for what is under way.
 */
export class Periodic implements Service {
  readonly name: string;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: PeriodicOptions,
    /** The signal is aborted by `stop`. */
    private readonly work: (signal: AbortSignal) => Promise<void>,
  ) {
    this.name = options.name;
  }

  async start(): Promise<void> {
    this.running = this.run(this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(signal: AbortSignal): Promise<void> {
    const { name, everyMs, log } = this.options;
    while (!signal.aborted) {
      await this.work(signal).catch(error => {
        if (!signal.aborted) log.warn({ err: error, service: name }, 'failed; done again');
      });
      await pause(everyMs, undefined, { signal }).catch(() => {});
    }
  }
}
