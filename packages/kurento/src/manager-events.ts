import { asPipelineId, type PipelineId } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { SERVER_MANAGER } from './connection.js';
import type { Link } from './link.js';
import { Renewals } from './renewals.js';
import { type SendTransaction, Transaction } from './transaction.js';

export interface ManagerEventsOptions {
  link(): Link;
  send: SendTransaction;
  onDestroyed(object: string): void;
  log: Logger;
}

/** As Kurento sends them: of every object, whoever made it. */
export interface ManagerEvent {
  type: string;
  data: { object?: string; objectId?: string };
}

/**
 * Which objects come and go on one media server. Subscribed to on first use, and again in every new session of
 * that link; what happens while the link is down is not told later.
 */
export class ManagerEvents {
  readonly #options: ManagerEventsOptions;
  readonly #listeners = new Set<(pipeline: PipelineId) => void>();
  readonly #renewals: Renewals<typeof SERVER_MANAGER>;
  #link: Link | undefined;
  #opening: Promise<void> | undefined;

  constructor(options: ManagerEventsOptions) {
    this.#options = options;
    this.#renewals = new Renewals({
      heldBy: link => (link === this.#link ? [SERVER_MANAGER] : []),
      renew: (_, link) => this.#subscribe(link),
      log: options.log,
    });
  }

  /** Idempotent; may be repeated after it failed. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch(error => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** Not told of anything when this rejects. */
  async watch(onCreated: (pipeline: PipelineId) => void): Promise<void> {
    this.#listeners.add(onCreated);
    try {
      await this.open();
    } catch (error) {
      this.#listeners.delete(onCreated);
      throw error;
    }
  }

  /** To be called when a link is up. */
  restore(link: Link, session: 'new' | 'continued'): Promise<void> {
    return this.#renewals.onUp(link, session);
  }

  notify({ type, data: { object = '', objectId = '' } }: ManagerEvent): void {
    if (type === 'ObjectDestroyed') this.#options.onDestroyed(objectId);
    if (type !== 'ObjectCreated' || !isPipeline(object)) return;
    for (const listener of this.#listeners) listener(asPipelineId(object));
  }

  async #open(): Promise<void> {
    const link = this.#options.link();
    await this.#subscribe(link);
    this.#link = link;
  }

  async #subscribe(link: Link): Promise<void> {
    const transaction = new Transaction();
    transaction.subscribe(SERVER_MANAGER, 'ObjectCreated');
    transaction.subscribe(SERVER_MANAGER, 'ObjectDestroyed');
    const { error } = await this.#options.send(link, transaction);
    if (error) throw error;
  }
}

/** An endpoint's id is its pipeline's, a slash and its own. */
function isPipeline(object: string): boolean {
  return !object.includes('/') && object.endsWith('.MediaPipeline');
}
