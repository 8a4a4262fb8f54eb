import { setTimeout as pause } from 'node:timers/promises';
import { SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { Link } from './link.js';

export interface RenewalOptions<T> {
  /** What was taken in the session of this link, and is gone with it. */
  heldBy(link: Link): Iterable<T>;
  /** Takes it again, unless nobody wants it any more. `media-unavailable` means: not yet. */
  renew(item: T, link: Link): Promise<void>;
  log: Logger;
}

/** Between two attempts on a link that is up but does not answer in time. */
const RETRY_MS = 500;

/**
 * Subscriptions and references belong to a session. When a link has a new one, because the server had forgotten
 * the one before, all of them are taken again on that link, one after another; what a link's next loss interrupts
 * goes on when it is back.
 */
export class Renewals<T> {
  readonly #options: RenewalOptions<T>;
  readonly #lost = new Map<Link, Set<T>>();
  readonly #underWay = new Set<Link>();

  constructor(options: RenewalOptions<T>) {
    this.#options = options;
  }

  /** To be called whenever a link is up. Never rejects. */
  async onUp(link: Link, session: 'new' | 'continued'): Promise<void> {
    const lost = this.#lost.get(link) ?? new Set();
    this.#lost.set(link, lost);
    if (session === 'new') for (const item of this.#options.heldBy(link)) lost.add(item);
    if (this.#underWay.has(link)) return;
    this.#underWay.add(link);
    // What is added while this runs is visited as well.
    for (const item of lost) {
      if (!(await this.#isRenewed(item, link))) break;
      lost.delete(item);
    }
    this.#underWay.delete(link);
  }

  /** The server restarted: there is nothing left to renew. */
  clear(): void {
    for (const lost of this.#lost.values()) lost.clear();
  }

  /** False when the link went down before it was. */
  async #isRenewed(item: T, link: Link): Promise<boolean> {
    while (link.isUp) {
      try {
        await this.#options.renew(item, link);
        return true;
      } catch (error) {
        if (SignalError.from(error).code !== 'media-unavailable') {
          this.#options.log.error({ err: error, item }, 'could not be taken again in the new session');
          return true;
        }
      }
      if (link.isUp) await pause(RETRY_MS, undefined, { ref: false });
    }
    return false;
  }
}
