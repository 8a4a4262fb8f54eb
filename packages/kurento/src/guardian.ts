import type { PipelineId } from '@manycast/protocol';
import { SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { Link } from './link.js';
import { Renewals } from './renewals.js';
import { type SendTransaction, Transaction } from './transaction.js';

export interface GuardianOptions {
  linkOf(pipeline: PipelineId): Link;
  /** All children, by a request that takes a reference on the pipeline first. */
  childrenOf(link: Link, pipeline: PipelineId): Promise<string[]>;
  send: SendTransaction;
  log: Logger;
}

/** A link is held up no longer than by a few joins; 1,000 endpoints are four requests. */
const REFERENCES_PER_REQUEST = 250;

/**
 * References on the pipelines of one media server and on all that is in them. An endpoint that is made later has
 * them from its pipeline, so each pipeline is walked through once per session of ours.
 */
export class Guardian {
  readonly #options: GuardianOptions;
  /** With the link whose session has the references. */
  readonly #guarded = new Map<PipelineId, Link>();
  readonly #renewals: Renewals<PipelineId>;

  constructor(options: GuardianOptions) {
    this.#options = options;
    this.#renewals = new Renewals({
      heldBy: link => [...this.#guarded].filter(([, holder]) => holder === link).map(([id]) => id),
      renew: (pipeline, link) => this.#renew(pipeline, link),
      log: options.log,
    });
  }

  async guard(pipeline: PipelineId): Promise<void> {
    const link = this.#options.linkOf(pipeline);
    // Before it is asked for: its end may be told of before the answer comes.
    this.#guarded.set(pipeline, link);
    await this.#hold(pipeline, link);
  }

  isGuarded(pipeline: PipelineId): boolean {
    return this.#guarded.has(pipeline);
  }

  /** To be called when a link is up. */
  restore(link: Link, session: 'new' | 'continued'): Promise<void> {
    return this.#renewals.onUp(link, session);
  }

  /** It is gone. */
  forget(object: string): void {
    this.#guarded.delete(object as PipelineId);
  }

  clear(): void {
    this.#guarded.clear();
    this.#renewals.clear();
  }

  async #renew(pipeline: PipelineId, link: Link): Promise<void> {
    if (this.#guarded.get(pipeline) !== link) return;
    try {
      await this.#hold(pipeline, link);
    } catch (error) {
      if (SignalError.from(error).code !== 'media-gone') throw error;
      this.#options.log.warn({ pipeline }, 'a guarded pipeline did not outlive the session that held it');
    }
  }

  async #hold(pipeline: PipelineId, link: Link): Promise<void> {
    try {
      let remaining = await this.#options.childrenOf(link, pipeline);
      while (remaining.length > 0) remaining = await this.#refer(link, remaining);
    } catch (error) {
      if (SignalError.from(error).code === 'media-gone') this.#guarded.delete(pipeline);
      throw error;
    }
  }

  /** One request. Returns those that are still to be referred to. */
  async #refer(link: Link, objects: string[]): Promise<string[]> {
    const transaction = new Transaction();
    for (const object of objects.slice(0, REFERENCES_PER_REQUEST)) transaction.ref(object);
    const { error, failedAt } = await this.#options.send(link, transaction);
    if (error && (error.code !== 'media-gone' || failedAt === undefined)) throw error;
    // One that ended since they were listed stops the request there; the others follow in the next.
    return objects.slice(failedAt === undefined ? REFERENCES_PER_REQUEST : failedAt + 1);
  }
}
