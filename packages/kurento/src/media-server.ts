import { type EndpointId, type PipelineId, SignalError } from '@manycast/protocol';
import { TurnedAway, Turnstile } from '@manycast/runtime';
import type { Message } from '../reconnect-ws/index.js';
import { Adoptions } from './adoptions.js';
import { type Reply, SERVER_MANAGER } from './connection.js';
import { toEndpointEvent } from './endpoint-events.js';
import { EventRoutes } from './event-routes.js';
import { Guardian } from './guardian.js';
import type { Link } from './link.js';
import { LostSubscriptions } from './lost-subscriptions.js';
import { ManagerEvents } from './manager-events.js';
import { OwedReleases } from './owed-releases.js';
import { givenUp } from './pending-calls.js';
import { ServerLinks, type ServerLinksOptions } from './server-links.js';
import { type SendTransaction, Transaction, type TransactionResult } from './transaction.js';

/** Who goes first when this process has more for the server than that can do. */
export const ranks = { adopt: 0, publish: 1, view: 2 } as const;

/** Answers are to come in a fifth of their deadline, and nobody waits longer for a turn than half of it. */
const targetShare = 0.2;
const waitShare = 0.5;
/** Requests that build something, at once; less than a link's queue, so that what comes after an answer has a place there. */
const firstUnderWay = 128;
const mostPerLink = 400;

export type MediaServerOptions = Omit<ServerLinksOptions, 'onUp' | 'onNotification'>;

/** One media server: what is asked of it, and what it has to tell. */
export class MediaServer {
  readonly routes = new EventRoutes();
  readonly links: ServerLinks;
  readonly adoptions: Adoptions;
  readonly guardian: Guardian;
  readonly manager: ManagerEvents;
  /** For what builds or takes over media: the work that a server can be given too much of. */
  readonly turnstile: Turnstile;
  readonly #options: MediaServerOptions;
  readonly #owed = new OwedReleases();
  readonly #subscriptions: LostSubscriptions;

  constructor(options: MediaServerOptions) {
    this.#options = options;
    const { log, requestTimeoutMs, commandLinks } = options;
    const send = this.#send;
    this.turnstile = new Turnstile({
      targetMs: targetShare * requestTimeoutMs,
      maxWaitMs: waitShare * requestTimeoutMs,
      first: firstUnderWay,
      least: 2 * commandLinks,
      most: mostPerLink * commandLinks,
    });
    this.#subscriptions = new LostSubscriptions(this.routes, send, log);
    this.adoptions = new Adoptions({
      routes: this.routes,
      linkOf: endpoint => this.linkOf(endpoint),
      send,
      log,
    });
    this.guardian = new Guardian({
      linkOf: pipeline => this.links.forCommands(pipeline),
      childrenOf: (link, pipeline) => this.childrenOf(link, pipeline),
      send,
      log,
    });
    this.manager = new ManagerEvents({
      link: () => this.links.forCommands(SERVER_MANAGER),
      onDestroyed: object => this.guardian.forget(object),
      send,
      log,
    });
    this.links = new ServerLinks({
      ...options,
      onState: state => {
        if (state === 'restarted') this.#forgetObjects();
        options.onState(state);
      },
      onUp: (link, session) => {
        void this.#subscriptions.restore(link, session);
        void this.manager.restore(link, session);
        void this.guardian.restore(link, session);
        void this.#owed.pay(object => this.release(object));
      },
      onNotification: message => this.#notify(message),
    });
  }

  /** Work for which there may be too much of it: throws SignalError `overloaded`, with a time, when it gets no turn. */
  async inTurn<T>(kind: keyof typeof ranks, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return await this.turnstile.pass(ranks[kind], work, signal);
    } catch (error) {
      if (error instanceof TurnedAway)
        throw new SignalError('overloaded', {
          message: 'the media server has more to do than it can answer in time',
          retryAfterMs: spreadMs(error.backlogMs),
        });
      if (signal?.aborted && !(error instanceof SignalError)) throw givenUp(signal);
      throw error;
    }
  }

  linkOf(endpoint: EndpointId): Link {
    const link = this.routes.find(endpoint)?.link;
    return link?.isUp ? link : this.links.forCommands(endpoint);
  }

  /** Runs a transaction whose first operation makes the object that all the rest hangs on; undoes it on failure. */
  async build(
    link: Link,
    transaction: Transaction,
    signal: AbortSignal | undefined,
  ): Promise<TransactionResult> {
    // When the reply comes late the caller is gone: there is nobody to hand the media to.
    const onLate = (reply: Reply) => void this.#undo(transaction.read(reply));
    const result = await this.#send(link, transaction, { signal, onLate });
    if (!result.error) return result;
    await this.#undo(result);
    throw result.error;
  }

  /** Returns what the operation returned. Takes a reference. */
  async invoke(link: Link, object: string, operation: string, operationParams: object): Promise<unknown> {
    const timeoutMs = this.#options.requestTimeoutMs;
    return (await link.call('invoke', { object, operation, operationParams }, { timeoutMs })).value;
  }

  async childrenOf(link: Link, pipeline: PipelineId): Promise<string[]> {
    return (await this.invoke(link, pipeline, 'getChildren', {})) as string[];
  }

  /** Gives back the reference that a look at somebody else's object took. */
  async letGo(link: Link, object: string): Promise<void> {
    const transaction = new Transaction();
    transaction.unref(object);
    await this.#run(link, transaction);
  }

  /** Rejects with `media-unavailable` when the server did not hear of it; it is then repeated when a link is up. */
  async release(object: string): Promise<void> {
    // As a transaction: kurento-client holds every later call back until a plain `release` is answered.
    const transaction = new Transaction();
    transaction.release(object);
    try {
      await this.#run(this.links.forReleases(), transaction);
      this.#owed.delete(object);
    } catch (error) {
      const { code } = SignalError.from(error);
      if (code === 'media-unavailable') this.#owed.add(object);
      else this.#owed.delete(object);
      if (code !== 'media-gone') throw error;
    }
  }

  close(): void {
    this.links.close();
    this.routes.clear();
  }

  async #run(link: Link, transaction: Transaction): Promise<void> {
    const { error } = await this.#send(link, transaction);
    if (error) throw error;
  }

  readonly #send: SendTransaction = async (link, transaction, options) => {
    const timeoutMs = this.#options.requestTimeoutMs;
    return transaction.read(await link.call('transaction', transaction.params, { timeoutMs, ...options }));
  };

  async #undo(result: TransactionResult): Promise<void> {
    const made = result.value(0);
    if (typeof made !== 'string') return;
    await this.release(made).catch(error => {
      this.#options.log.warn({ object: made, err: error }, 'what a failed join made is not released yet');
    });
  }

  #forgetObjects(): void {
    this.routes.clear();
    this.#subscriptions.clear();
    this.guardian.clear();
    this.#owed.clear();
  }

  #notify(message: Message): void {
    const { url, log, metrics } = this.#options;
    const event = message.method === 'onEvent' ? message.params?.value : undefined;
    if (event?.object === SERVER_MANAGER) return this.manager.notify({ data: {}, ...event });
    const route = this.routes.find(event?.object);
    if (!route) {
      metrics.unknownEvents.inc({ kind: 'event' });
      log.debug({ server: url, object: event?.object, type: event?.type }, 'an event nobody listens to');
      return;
    }
    const known = toEndpointEvent({ object: event.object, type: event.type, data: event.data ?? {} });
    if (known) route.onEvent(known);
  }
}

/** Those who were turned away together come back one by one, and not before the others are done. */
const spreadMs = (backlogMs: number): number =>
  Math.round(1_000 + backlogMs + Math.random() * Math.max(4_000, 2 * backlogMs));
