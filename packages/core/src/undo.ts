import { type ErrorCode, errorCodes, SignalError } from '@manycast/protocol';
import { backoffMs } from '@manycast/runtime';

export interface UndoOptions {
  /** A step is given up after this long; what is left is then the media server's collector's. */
  giveUpAfterMs: number;
  onRetry(what: string, error: SignalError): void;
  onGivenUp(what: string, error: SignalError): void;
}

/**
 * Takes back what an attempt did, also when the store or the media server is away just then: each step is tried
 * until it succeeds or is given up. Steps must be idempotent, because a lost reply makes them run twice.
 */
export class Undo {
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly options: UndoOptions) {}

  /**
   * Starts at once. The returned promise never rejects; it resolves when the step is done, or has failed once and
   * goes on in the background, so whoever waits does not wait for the end of an outage.
   */
  run(what: string, step: () => Promise<unknown>): Promise<void> {
    return new Promise(resolve => {
      const work = this.retry(what, step, resolve).finally(() => {
        this.running.delete(work);
        resolve();
      });
      this.running.add(work);
    });
  }

  /** Resolves when nothing is left to take back. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private async retry(what: string, step: () => Promise<unknown>, onFirstFailure: () => void): Promise<void> {
    const deadlineMs = Date.now() + this.options.giveUpAfterMs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await step();
        return;
      } catch (thrown) {
        const error = SignalError.from(thrown);
        if (isDone(error.code)) return;
        if (!errorCodes[error.code].retry || Date.now() >= deadlineMs)
          return this.options.onGivenUp(what, error);
        this.options.onRetry(what, error);
        onFirstFailure();
        await new Promise(resolve =>
          setTimeout(resolve, backoffMs(attempt, { baseMs: 100, maxMs: 5_000 })).unref(),
        );
      }
    }
  }
}

/** What is gone needs no releasing. */
const isDone = (code: ErrorCode): boolean => code === 'media-gone';
