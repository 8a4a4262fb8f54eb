import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@manycast/runtime';
import { kurentoError } from '../rpc/kurento-error.js';
import type { FailOrder } from './fail-order.js';

/** What of the server is done to it, rather than asked by it. */
export interface FailActions {
  dropSockets(): void;
  restart(): void;
}

/** The ways in which this server fails on purpose. None, unless ordered. */
export class Failures {
  #actions: FailActions | undefined;
  #slowByMs = 0;
  #isFull = false;
  #deafUntilMs = 0;
  /** Ends the silence. */
  #speak: (() => void) | undefined;
  #silence: Promise<void> | undefined;

  constructor(private readonly log: Logger) {}

  /** To be called once, before any order. */
  use(actions: FailActions): void {
    this.#actions = actions;
  }

  get isSilent(): boolean {
    return this.#silence !== undefined;
  }

  /** Whether a new control socket is refused. */
  get isDeaf(): boolean {
    return performance.now() < this.#deafUntilMs;
  }

  order(order: FailOrder): void {
    this.log.warn(order, 'fails as ordered');
    switch (order.kind) {
      case 'silent':
        this.#silence ??= new Promise(resolve => {
          this.#speak = resolve;
        });
        return;
      case 'slow':
        this.#slowByMs = order.byMs;
        return;
      case 'full':
        this.#isFull = true;
        return;
      case 'drop':
        this.#deafUntilMs = performance.now() + order.forMs;
        this.#actions?.dropSockets();
        return;
      case 'restart':
        this.#actions?.restart();
        return;
      case 'well':
        this.#slowByMs = 0;
        this.#isFull = false;
        this.#deafUntilMs = 0;
        this.#silence = undefined;
        this.#speak?.();
    }
  }

  /** To be awaited before each request; at once unless something was ordered, or when nobody waits for the answer. */
  async beforeRequest(signal: AbortSignal): Promise<void> {
    if (this.#slowByMs > 0) await wait(this.#slowByMs, undefined, { signal }).catch(() => {});
    await this.#silence;
  }

  /** To be called before anything is created. */
  checkCreate(): void {
    if (this.#isFull) throw kurentoError('NOT_ENOUGH_RESOURCES', 'Reached KMS limit, as ordered');
  }
}
