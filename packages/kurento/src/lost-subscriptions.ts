import { SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { subscribedEvents } from './endpoint-events.js';
import type { EventRoutes, Route } from './event-routes.js';
import type { Link } from './link.js';
import { Transaction } from './transaction.js';

/**
 * Endpoints whose events stopped because the server had forgotten the session that subscribed to them. They
 * are subscribed to again, which also takes a reference that keeps them alive.
 */
export class LostSubscriptions {
  readonly #routes: EventRoutes;
  readonly #run: (link: Link, transaction: Transaction) => Promise<unknown>;
  readonly #log: Logger;
  readonly #lost = new Set<Route>();

  constructor(
    routes: EventRoutes,
    run: (link: Link, transaction: Transaction) => Promise<unknown>,
    log: Logger,
  ) {
    this.#routes = routes;
    this.#run = run;
    this.#log = log;
  }

  /** To be called when `link` is up; `session` says whether its subscriptions are gone. */
  async restore(link: Link, session: 'new' | 'continued'): Promise<void> {
    if (session === 'new') for (const route of this.#routes.of(link)) this.#lost.add(route);
    for (const route of [...this.#lost]) {
      if (route.link !== link) continue;
      const isStillWanted = this.#routes.find(route.endpoint) === route;
      if (isStillWanted && !(await this.#subscribe(route))) return;
      this.#lost.delete(route);
    }
  }

  /** False when the link is down again: the rest waits for its next time up. */
  async #subscribe(route: Route): Promise<boolean> {
    const transaction = new Transaction();
    for (const event of subscribedEvents) transaction.subscribe(route.endpoint, event);
    try {
      await this.#run(route.link, transaction);
    } catch (error) {
      const { code } = SignalError.from(error);
      if (code === 'media-unavailable') return false;
      this.#log.warn({ endpoint: route.endpoint, code }, 'an endpoint did not outlive its session');
      this.#routes.removeEndpoint(route.endpoint);
      // The one thing the port can say of an endpoint that exists no more.
      route.onEvent({ type: 'connection-state', state: 'disconnected' });
    }
    return true;
  }
}
