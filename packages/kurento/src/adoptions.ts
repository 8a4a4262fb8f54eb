import type { EndpointEvent, EndpointRef, MediaEngine } from '@manycast/core';
import { SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { subscribe, unsubscribe } from './endpoint-subscriptions.js';
import type { EventRoutes, Route } from './event-routes.js';
import type { Link } from './link.js';
import { type SendTransaction, Transaction } from './transaction.js';

export type AdoptOrder = Parameters<MediaEngine['adopt']>[0];

export interface AdoptionOptions {
  routes: EventRoutes;
  linkOf(endpoint: EndpointRef['endpoint']): Link;
  send: SendTransaction;
  log: Logger;
}

/** Takes endpoints of one media server over from other processes, and gives them away. */
export class Adoptions {
  readonly #options: AdoptionOptions;
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(options: AdoptionOptions) {
    this.#options = options;
  }

  /** Adoptions of the same endpoint wait for each other: the later one finds what the earlier one subscribed to. */
  adopt(order: AdoptOrder): Promise<{ isConnected: boolean }> {
    const { endpoint } = order;
    const earlier = this.#underWay.get(endpoint)?.catch(() => undefined);
    const adoption = earlier ? earlier.then(() => this.#adopt(order)) : this.#adopt(order);
    const finish = () => {
      if (this.#underWay.get(endpoint) === adoption) this.#underWay.delete(endpoint);
    };
    this.#underWay.set(endpoint, adoption);
    adoption.then(finish, finish);
    return adoption;
  }

  /** Keeps our session's reference: it may be the last one, and an object dies with that. */
  disown({ endpoint }: Pick<EndpointRef, 'endpoint'>): void {
    const route = this.#options.routes.find(endpoint);
    if (!route) return;
    this.#options.routes.removeEndpoint(endpoint);
    this.#unsubscribe(route.link, endpoint, route.subscriptions);
  }

  async #adopt({ endpoint, pipeline, onEvent }: AdoptOrder): Promise<{ isConnected: boolean }> {
    const { routes, linkOf, send } = this.#options;
    const known = routes.find(endpoint);
    const link = linkOf(endpoint);
    const transaction = new Transaction();
    const subscriptions = known ? undefined : subscribe(transaction, endpoint);
    // Last, so that a change of state is in its answer or in an event, never in neither.
    const state = transaction.invoke(endpoint, 'getConnectionState', {});

    const route: Route = known ?? { endpoint, pipeline, link, subscriptions: [], onEvent };
    const formerListener = route.onEvent;
    const held = new HeldEvents(onEvent);
    route.onEvent = held.onEvent;
    if (!known) routes.add(route);
    const isOurs = () => routes.find(endpoint) === route;
    const unsubscribeFrom = (ids: string[] = []) => this.#unsubscribe(link, endpoint, ids);
    try {
      const result = await send(link, transaction, {
        onLate: reply => unsubscribeFrom(subscriptions?.(transaction.read(reply))),
      });
      if (subscriptions) route.subscriptions = subscriptions(result);
      if (result.error) {
        // An object that is gone has taken its subscriptions along.
        if (result.error.code !== 'media-gone' && !known) unsubscribeFrom(route.subscriptions);
        throw result.error;
      }
      // Given away or released before it was ours.
      if (!isOurs() && !known) unsubscribeFrom(route.subscriptions);
      setImmediate(() => held.pass(isOurs() ? onEvent : undefined));
      return { isConnected: result.value(state) === 'CONNECTED' };
    } catch (error) {
      const isLost = !known || SignalError.from(error).code === 'media-gone';
      if (isLost && isOurs()) routes.removeEndpoint(endpoint);
      route.onEvent = formerListener;
      held.pass(isLost ? undefined : formerListener);
      throw error;
    }
  }

  #unsubscribe(link: Link, endpoint: string, subscriptions: string[]): void {
    if (subscriptions.length === 0) return;
    this.#options.send(link, unsubscribe(endpoint, subscriptions)).catch(error => {
      // Its events are counted as nobody's until the endpoint ends.
      this.#options.log.debug({ endpoint, err: error }, 'an endpoint given away is still subscribed to');
    });
  }
}

/** Events that overtake the answer to an adoption: whoever adopts is told of the state first. */
class HeldEvents {
  readonly #events: EndpointEvent[] = [];
  #isHeld = true;

  constructor(readonly listener: (event: EndpointEvent) => void) {}

  readonly onEvent = (event: EndpointEvent): void => {
    if (this.#isHeld) this.#events.push(event);
    else this.listener(event);
  };

  pass(listener: ((event: EndpointEvent) => void) | undefined): void {
    this.#isHeld = false;
    for (const event of this.#events.splice(0)) listener?.(event);
  }
}
