import { type EndpointId, type MediaServerUrl, SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { Message } from '../reconnect-ws/index.js';
import type { CallOptions, ServerIdentity } from './connection.js';
import { toEndpointEvent } from './endpoint-events.js';
import { EventRoutes } from './event-routes.js';
import { Link, type LinkTimings } from './link.js';
import { LostSubscriptions } from './lost-subscriptions.js';
import type { MediaMetrics } from './media-metrics.js';
import { OwedReleases } from './owed-releases.js';
import { Transaction, type TransactionResult } from './transaction.js';

export type ServerState = 'up' | 'down' | 'restarted';

export interface MediaServerOptions {
  url: MediaServerUrl;
  commandLinks: number;
  requestTimeoutMs: number;
  timings: LinkTimings;
  log: Logger;
  metrics: MediaMetrics;
  onState(state: ServerState): void;
}

/**
 * Our side of one media server: some links for commands, one for releases, each a session of its own. A server
 * serves one connection strictly in order, so a room stays on one link, where it holds up only its neighbours,
 * and releases hold up nobody.
 */
export class MediaServer {
  readonly routes = new EventRoutes();
  readonly #options: MediaServerOptions;
  readonly #commandLinks: Link[];
  readonly #releaseLink: Link;
  readonly #owed = new OwedReleases();
  readonly #subscriptions: LostSubscriptions;
  readonly #waiting = new Set<(answer: ServerIdentity | SignalError) => void>();
  #identity: ServerIdentity | undefined;
  #openUntilMs = 0;
  #wasUp = false;

  constructor(options: MediaServerOptions) {
    this.#options = options;
    this.#commandLinks = Array.from({ length: options.commandLinks }, () => this.#newLink());
    this.#releaseLink = this.#newLink();
    this.#subscriptions = new LostSubscriptions(
      this.routes,
      (link, transaction) => this.#run(link, transaction, {}),
      options.log,
    );
  }

  open(): void {
    this.#openUntilMs = performance.now() + this.#options.requestTimeoutMs;
    for (const link of this.#links) link.open();
  }

  get isUp(): boolean {
    return this.#commandLinks.some(link => link.isUp);
  }

  /** Resolves when a link for commands is up; rejects after `timeoutMs`, while the links go on trying. */
  opened(timeoutMs: number): Promise<ServerIdentity> {
    if (this.isUp && this.#identity) return Promise.resolve(this.#identity);
    return new Promise((resolve, reject) => {
      const settle = (answer: ServerIdentity | SignalError) => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        if (answer instanceof SignalError) reject(answer);
        else resolve(answer);
      };
      const timer = setTimeout(
        () => settle(this.#unavailable(`${this.#options.url} did not answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#waiting.add(settle);
    });
  }

  /** Requests wait for the very first connection, within their deadline; for a link that went down they do not. */
  async ready(): Promise<void> {
    if (this.isUp) return;
    const remainingMs = this.#openUntilMs - performance.now();
    if (this.#identity || remainingMs <= 0) throw this.#unavailable(`${this.#options.url} is down`);
    await this.opened(remainingMs);
  }

  /** The link for a room's commands: always the same one while it is healthy. */
  linkFor(key: string): Link {
    const links = this.#commandLinks.map((_, index, all) => all[(hash(key) + index) % all.length] as Link);
    const healthy = links.find(link => link.isUp && link.silentMs < this.#silenceLimitMs);
    const chosen = healthy ?? links.find(link => link.isUp);
    if (!chosen) throw this.#unavailable(`${this.#options.url} is down`);
    return chosen;
  }

  linkOf(endpoint: EndpointId): Link {
    const link = this.routes.find(endpoint)?.link;
    return link?.isUp ? link : this.linkFor(endpoint);
  }

  /** Runs a transaction whose first operation makes the object that all the rest hangs on; undoes it on failure. */
  async build(
    link: Link,
    transaction: Transaction,
    signal: AbortSignal | undefined,
  ): Promise<TransactionResult> {
    const undo = async (result: TransactionResult) => {
      const made = result.value(0);
      if (typeof made !== 'string') return;
      await this.release(made).catch(error => {
        this.#options.log.warn(
          { object: made, err: error },
          'what a failed join made could not be released yet',
        );
      });
    };
    return this.#run(link, transaction, {
      signal,
      // The caller is gone, so there is nobody to hand the media to.
      onLate: reply => void undo(transaction.read(reply)),
      undo,
    });
  }

  async invoke(link: Link, object: string, operation: string, operationParams: object): Promise<void> {
    await link.call(
      'invoke',
      { object, operation, operationParams },
      { timeoutMs: this.#options.requestTimeoutMs },
    );
  }

  /** Rejects with `media-unavailable` when the server did not hear of it; it is then repeated when a link is up. */
  async release(object: string): Promise<void> {
    const link = this.#releaseLink.isUp ? this.#releaseLink : this.#commandLinks.find(other => other.isUp);
    // As a transaction: kurento-client holds every later call back until a plain `release` is answered.
    const transaction = new Transaction();
    transaction.release(object);
    try {
      if (!link) throw this.#unavailable(`${this.#options.url} is down`);
      await this.#run(link, transaction, {});
    } catch (error) {
      const { code } = SignalError.from(error);
      if (code === 'media-unavailable') this.#owed.add(object);
      if (code !== 'media-gone') throw error;
    }
    this.#owed.delete(object);
  }

  close(): void {
    for (const link of this.#links) link.close();
    for (const settle of [...this.#waiting]) settle(this.#unavailable('the media engine was closed'));
    this.routes.clear();
    this.#options.metrics.linksUp.remove({ server: this.#options.url });
  }

  get #links(): Link[] {
    return [...this.#commandLinks, this.#releaseLink];
  }

  get #silenceLimitMs(): number {
    return this.#options.timings.missedPings * this.#options.timings.pingIntervalMs;
  }

  #newLink(): Link {
    const { url, requestTimeoutMs, timings, log } = this.#options;
    return new Link({
      url,
      timeoutMs: requestTimeoutMs,
      timings,
      log,
      isBusy: (link, silentMs) => this.#isBusy(link, silentMs),
      onUp: (link, identity, session) => this.#up(link, identity, session),
      onDown: (_, reason) => this.#down(reason),
      onNotification: message => this.#notify(message),
      onStray: message => {
        this.#options.metrics.unknownEvents.inc({ kind: 'stray' });
        log.debug({ server: url, message }, 'an answer nobody waits for');
      },
    });
  }

  async #run(
    link: Link,
    transaction: Transaction,
    {
      undo,
      ...options
    }: Omit<CallOptions, 'timeoutMs'> & { undo?: (result: TransactionResult) => Promise<void> },
  ): Promise<TransactionResult> {
    const timeoutMs = this.#options.requestTimeoutMs;
    const reply = await link.call('transaction', transaction.params, { timeoutMs, ...options });
    const result = transaction.read(reply);
    if (!result.error) return result;
    await undo?.(result);
    throw result.error;
  }

  #up(link: Link, identity: ServerIdentity, session: 'new' | 'continued'): void {
    const { url, log, onState } = this.#options;
    const isRestarted = this.#identity !== undefined && this.#identity.serverId !== identity.serverId;
    this.#identity = identity;
    this.#countLinks();
    if (isRestarted) {
      log.warn({ server: url, ...identity }, 'media server restarted: its objects are gone');
      this.routes.clear();
      this.#owed.clear();
      onState('restarted');
    }
    if (!this.#wasUp && this.isUp) {
      this.#wasUp = true;
      log.info({ server: url, ...identity }, 'media server up');
      for (const settle of [...this.#waiting]) settle(identity);
      onState('up');
    }
    void this.#subscriptions.restore(link, session);
    void this.#owed.pay(object => this.release(object));
  }

  #down(reason: string): void {
    const { url, log, onState } = this.#options;
    this.#countLinks();
    log.warn(
      { server: url, reason, linksUp: this.#links.filter(link => link.isUp).length },
      'link to media server down',
    );
    if (!this.#wasUp || this.isUp) return;
    this.#wasUp = false;
    onState('down');
  }

  #countLinks(): void {
    const { url, metrics } = this.#options;
    metrics.linksUp.set({ server: url }, this.#links.filter(link => link.isUp).length);
  }

  /**
   * Kurento works a request off in the thread that reads the connection (WebSocketTransport.cpp), so its pong
   * waits behind a slow request. A silent link with a request under way is busy as long as other links live.
   */
  #isBusy(link: Link, silentMs: number): boolean {
    const isServerAlive = this.#links.some(other => other !== link && other.isUp && other.silentMs === 0);
    return isServerAlive && link.inFlight > 0 && silentMs < this.#options.timings.busySilenceMs;
  }

  #notify(message: Message): void {
    const { url, log, metrics } = this.#options;
    const event = message.params?.value;
    const route = message.method === 'onEvent' ? this.routes.find(event?.object) : undefined;
    if (!route) {
      metrics.unknownEvents.inc({ kind: 'event' });
      log.debug(
        { server: url, object: event?.object, type: event?.type },
        'an event for an object nobody listens to',
      );
      return;
    }
    try {
      const known = toEndpointEvent({ object: event.object, type: event.type, data: event.data ?? {} });
      if (known) route.onEvent(known);
    } catch (error) {
      log.error({ server: url, object: route.endpoint, err: error }, 'the listener of an event threw');
    }
  }

  #unavailable(message: string): SignalError {
    return new SignalError('media-unavailable', { message });
  }
}

/** FNV-1a: spreads rooms over links, the same way in every process. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
