import { type MediaServerUrl, SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { Message } from '../reconnect-ws/index.js';
import type { ServerIdentity } from './connection.js';
import { Link, type LinkTimings } from './link.js';
import type { MediaMetrics } from './media-metrics.js';
import { retryAfterMs } from './pending-calls.js';

export type ServerState = 'up' | 'down' | 'restarted';

export interface ServerLinksOptions {
  url: MediaServerUrl;
  commandLinks: number;
  requestTimeoutMs: number;
  timings: LinkTimings;
  log: Logger;
  metrics: MediaMetrics;
  /** `restarted` comes before the `up` that tells of it. */
  onState(state: ServerState): void;
  /** A link is up, after all that `onState` had to say of it. */
  onUp(link: Link, session: 'new' | 'continued'): void;
  onNotification(message: Message): void;
}

/**
 * All links to one media server: some for commands, one for releases, each a session of its own. A server serves
 * one connection strictly in order, so a room stays on one link, where it holds up only its neighbours, and
 * releases hold up nobody. The server is up as long as one link for commands is.
 */
export class ServerLinks {
  readonly #options: ServerLinksOptions;
  readonly #command: Link[];
  readonly #release: Link;
  readonly #waiting = new Set<(answer: ServerIdentity | SignalError) => void>();
  #identity: ServerIdentity | undefined;
  #openUntilMs = 0;
  #wasUp = false;

  constructor(options: ServerLinksOptions) {
    this.#options = options;
    this.#command = Array.from({ length: options.commandLinks }, () => this.#newLink());
    this.#release = this.#newLink();
  }

  open(): void {
    this.#openUntilMs = performance.now() + this.#options.requestTimeoutMs;
    for (const link of this.#all) link.open();
  }

  /** Somebody has just heard the server: links that wait before they try again do so now. */
  hurry(): void {
    for (const link of this.#all) if (!link.isUp) link.hurry();
  }

  get isUp(): boolean {
    return this.#command.some(link => link.isUp);
  }

  /** Resolves when the server is up; rejects after `timeoutMs`, while the links go on trying. */
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
        () => settle(this.#unavailable(`did not answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#waiting.add(settle);
    });
  }

  /** Requests wait for the very first connection, within their deadline; for a link that went down they do not. */
  async ready(): Promise<void> {
    if (this.isUp) return;
    const remainingMs = this.#openUntilMs - performance.now();
    if (this.#identity || remainingMs <= 0) throw this.#unavailable('is down');
    await this.opened(remainingMs);
  }

  /** The link for a room's commands: always the same one while it is healthy. */
  forCommands(key: string): Link {
    const first = hash(key) % this.#command.length;
    const inOrder = [...this.#command.slice(first), ...this.#command.slice(0, first)];
    const up = inOrder.filter(link => link.isUp);
    const { missedPings, pingIntervalMs } = this.#options.timings;
    const link = up.find(({ silentMs }) => silentMs < missedPings * pingIntervalMs) ?? up[0];
    if (!link) throw this.#unavailable('is down');
    return link;
  }

  forReleases(): Link {
    const link = [this.#release, ...this.#command].find(({ isUp }) => isUp);
    if (!link) throw this.#unavailable('is down');
    return link;
  }

  /**
   * Resolves when nothing is under way, or after `timeoutMs`. What a late reply made is released by the time it
   * resolves: that is asked for as soon as the reply is there.
   */
  async settled(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    while (this.#all.some(link => link.isUp && link.inFlight > 0) && performance.now() < deadlineMs) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }

  close(): void {
    for (const link of this.#all) link.close();
    for (const settle of [...this.#waiting]) settle(this.#unavailable('was closed'));
    this.#options.metrics.linksUp.remove({ server: this.#options.url });
  }

  get #all(): Link[] {
    return [...this.#command, this.#release];
  }

  #newLink(): Link {
    const { url, requestTimeoutMs, timings, log, metrics, onNotification } = this.#options;
    return new Link({
      url,
      timeoutMs: requestTimeoutMs,
      timings,
      log,
      isBusy: (link, silentMs) => this.#isBusy(link, silentMs),
      onUp: (link, identity, session) => this.#up(link, identity, session),
      onDown: reason => this.#down(reason),
      onNotification,
      onStray: message => {
        metrics.unknownEvents.inc({ kind: 'stray' });
        log.debug({ server: url, message }, 'an answer nobody waits for');
      },
    });
  }

  #up(link: Link, identity: ServerIdentity, session: 'new' | 'continued'): void {
    const { url, log, onState, onUp } = this.#options;
    const isRestarted = this.#identity !== undefined && this.#identity.serverId !== identity.serverId;
    this.#identity = identity;
    this.#countLinks();
    if (isRestarted) {
      log.warn({ server: url, ...identity }, 'media server restarted: its objects are gone');
      onState('restarted');
    }
    if (!this.#wasUp && this.isUp) {
      this.#wasUp = true;
      log.info({ server: url, ...identity }, 'media server up');
      for (const settle of [...this.#waiting]) settle(identity);
      onState('up');
    }
    onUp(link, session);
  }

  #down(reason: string): void {
    const { url, log, onState } = this.#options;
    log.warn({ server: url, reason, linksUp: this.#countLinks() }, 'link to media server down');
    if (!this.#wasUp || this.isUp) return;
    this.#wasUp = false;
    onState('down');
  }

  #countLinks(): number {
    const count = this.#all.filter(link => link.isUp).length;
    this.#options.metrics.linksUp.set({ server: this.#options.url }, count);
    return count;
  }

  /**
   * Kurento works a request off in the thread that reads the connection (WebSocketTransport.cpp), so its pong
   * waits behind a slow request. A silent link with a request under way is busy as long as other links live.
   */
  #isBusy(link: Link, silentMs: number): boolean {
    const isServerAlive = this.#all.some(other => other !== link && other.isUp && other.silentMs === 0);
    return isServerAlive && link.inFlight > 0 && silentMs < this.#options.timings.busySilenceMs;
  }

  #unavailable(what: string): SignalError {
    return new SignalError('media-unavailable', { message: `${this.#options.url} ${what}`, retryAfterMs });
  }
}

/** FNV-1a: spreads rooms over links, the same way in every process. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
