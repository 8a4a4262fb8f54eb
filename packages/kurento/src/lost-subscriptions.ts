import { SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { subscribe, unsubscribe } from './endpoint-subscriptions.js';
import type { EventRoutes, Route } from './event-routes.js';
import type { Link } from './link.js';
import { Renewals } from './renewals.js';
import { type SendTransaction, Transaction } from './transaction.js';

/**
 * Endpoints whose events stopped because the server had forgotten the session that subscribed to them. They
 * are subscribed to again, which also takes a reference that keeps them alive.
 */
export class LostSubscriptions {
  readonly #routes: EventRoutes;
  readonly #send: SendTransaction;
  readonly #log: Logger;
  readonly #renewals: Renewals<Route>;

  constructor(routes: EventRoutes, send: SendTransaction, log: Logger) {
    this.#routes = routes;
    this.#send = send;
    this.#log = log;
    this.#renewals = new Renewals({
      heldBy: link => this.#routes.of(link),
      renew: route => this.#renew(route),
      log,
    });
  }

  /** To be called when `link` is up; `session` says whether its subscriptions are gone. */
  restore(link: Link, session: 'new' | 'continued'): Promise<void> {
    return this.#renewals.onUp(link, session);
  }

  clear(): void {
    this.#renewals.clear();
  }

  async #renew(route: Route): Promise<void> {
    if (!this.#isWanted(route)) return;
    const transaction = new Transaction();
    const subscriptions = subscribe(transaction, route.endpoint);
    try {
      const result = await this.#send(route.link, transaction);
      if (result.error) throw result.error;
      route.subscriptions = subscriptions(result);
      // Given away while it was under way.
      if (!this.#isWanted(route))
        await this.#send(route.link, unsubscribe(route.endpoint, route.subscriptions));
    } catch (error) {
      const { code } = SignalError.from(error);
      if (code === 'media-unavailable') throw error;
      this.#log.warn({ endpoint: route.endpoint, code }, 'an endpoint did not outlive its session');
      if (!this.#isWanted(route)) return;
      this.#routes.removeEndpoint(route.endpoint);
      // The one thing the port can say of an endpoint that exists no more.
      route.onEvent({ type: 'connection-state', state: 'disconnected' });
    }
  }

  #isWanted(route: Route): boolean {
    return this.#routes.find(route.endpoint) === route;
  }
}
