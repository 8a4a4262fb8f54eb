import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long enough for dozens of requests, short beside what a frame of video may be late. */
const turnMs = 10;

/**
 * Keeps one sender with a lot to ask from holding up everybody else's requests and media: after 10 ms of work
 * in one turn of the event loop the rest waits for the next.
 */
export class FairTurn {
  #startedMs: number | undefined;

  /** To be awaited before each piece of work. */
  async take(): Promise<void> {
    if (this.#startedMs === undefined) {
      this.#startedMs = performance.now();
      setImmediate(() => {
        this.#startedMs = undefined;
      });
    } else if (performance.now() - this.#startedMs > turnMs) {
      await nextTurn();
    }
  }
}
