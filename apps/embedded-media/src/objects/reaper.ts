import type { Logger } from '@manycast/runtime';
import type { MediaObject } from './media-object.js';

/** How long one turn of the event loop may be spent on objects that are gone. */
const turnMs = 8;

/**
 * Disposes of objects after the request that ended them was answered, a few per turn: the release of a room
 * with hundreds of viewers must not hold up everybody else's requests and media.
 */
export class Reaper {
  readonly #waiting: MediaObject[] = [];
  #isScheduled = false;

  constructor(readonly log: Logger) {}

  add(object: MediaObject): void {
    this.#waiting.push(object);
    this.#schedule();
  }

  /** Disposes of everything that waits, now. */
  finish(): void {
    for (const object of this.#waiting.splice(0)) this.#dispose(object);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const endMs = performance.now() + turnMs;
      while (this.#waiting.length > 0 && performance.now() < endMs) {
        this.#dispose(this.#waiting.shift() as MediaObject);
      }
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #dispose(object: MediaObject): void {
    try {
      object.dispose();
    } catch (error) {
      this.log.error({ err: error, object: object.id }, 'an object could not be disposed of');
    }
  }
}
