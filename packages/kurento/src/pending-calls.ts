import { SignalError } from '@manycast/protocol';
import { fromReply } from './kurento-error.js';

/** A server that is too busy now is not so for long; what a client is told to wait. */
export const retryAfterMs = 1_000;

export interface CallOptions<T> {
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Given the reply that came after the call had been given up: the place to undo what it did. */
  onLate?: ((reply: T) => void) | undefined;
}

/** The calls of one link that wait for their reply. */
export class PendingCalls {
  readonly #pending = new Set<(error: SignalError) => void>();
  #inFlight = 0;

  /** Unanswered ones, those given up included: the server has them still before it. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Settles at the reply, the deadline, the abort or the end of the link, whichever is first; never as undefined. */
  start<T>(
    { timeoutMs, signal, onLate }: CallOptions<T>,
    send: (done: (error: unknown, reply: T) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(givenUp(signal));
      let isSettled = false;
      const settle = () => {
        isSettled = true;
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(giveUp);
      };
      const giveUp = (error: SignalError) => {
        settle();
        reject(error);
      };
      const onAbort = () => giveUp(givenUp(signal));
      const timer = setTimeout(
        () =>
          giveUp(
            new SignalError('media-unavailable', {
              message: `no answer within ${timeoutMs} ms`,
              retryAfterMs,
            }),
          ),
        timeoutMs,
      );
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.add(giveUp);
      this.#inFlight++;
      send((error, reply) => {
        this.#inFlight--;
        if (isSettled) {
          if (!error) onLate?.(reply);
          return;
        }
        settle();
        if (error) reject(fromReply(error));
        else resolve(reply);
      });
    });
  }

  rejectAll(message: string): void {
    for (const giveUp of [...this.#pending]) giveUp(new SignalError('media-unavailable', { message }));
  }
}

/** Why a call, or its turn, was not waited for. */
export function givenUp(signal: AbortSignal | undefined): SignalError {
  return new SignalError('media-gone', { message: 'the attempt was given up', cause: signal?.reason });
}
