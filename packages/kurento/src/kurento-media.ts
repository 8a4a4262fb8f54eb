import type {
  EndpointEvent,
  EndpointRef,
  MediaEngine,
  MediaInspector,
  MediaProbe,
  PublishOrder,
  ViewOrder,
} from '@manycast/core';
import type { IceCandidate, MediaServerUrl, PipelineId } from '@manycast/protocol';
import { SignalError } from '@manycast/protocol';
import type { Logger, Registry } from '@manycast/runtime';
import KurentoClient from 'kurento-client';
import type { AdoptOrder } from './adoptions.js';
import { type CanaryTimings, defaultCanaryTimings } from './canary.js';
import type { ServerIdentity } from './connection.js';
import { Inspector, type RequestOnServer } from './inspector.js';
import { type Join, publishJoin, viewJoin } from './join.js';
import { KurentoProbe } from './kurento-probe.js';
import { defaultTimings, type LinkTimings } from './link.js';
import { MediaMetrics } from './media-metrics.js';
import { MediaServer } from './media-server.js';
import type { ServerState } from './server-links.js';

export interface KurentoMediaOptions {
  log: Logger;
  /** Connected to at once; others on their first use. */
  servers?: MediaServerUrl[];
  /** For commands, besides the one for releases. */
  linksPerServer?: number;
  requestTimeoutMs?: number;
  registry?: Registry;
  timings?: Partial<LinkTimings>;
  canary?: Partial<CanaryTimings>;
  /**
   * What was on that server is lost to the cluster: nothing there has to be released. Should it come back after all,
   * whoever compares finds what is left on it.
   */
  isLost?(server: MediaServerUrl): boolean;
}

export interface LinkEvent {
  server: MediaServerUrl;
  /** `restarted`: another server at the same address; every object is gone. An `up` follows if it was down. */
  state: ServerState;
}

/** The media engine on Kurento Media Servers. */
export interface KurentoMedia extends MediaEngine {
  /**
   * Opens links to a server and resolves when one answered; rejects with `media-unavailable` after `timeoutMs`,
   * while the links go on trying. Servers not opened before are opened by their first use.
   */
  open(server: MediaServerUrl, opts?: { timeoutMs?: number }): Promise<ServerIdentity>;
  isUp(server: MediaServerUrl): boolean;
  /** Over the same links: what it guards is held by this process. */
  readonly inspector: MediaInspector;
  /** Watches servers, and opens and ends the links to them. */
  readonly probe: MediaProbe;
  /** Returns what ends it. */
  onLink(listener: (event: LinkEvent) => void): () => void;
  /** Takes nothing new, waits for what is under way, and ends every link; media on the servers goes on for as long as they hold the sessions. */
  close(): Promise<void>;
}

export function createKurentoMedia(options: KurentoMediaOptions): KurentoMedia {
  const media = new Media(options);
  for (const server of options.servers ?? []) media.server(server);
  return media;
}

/** How long a stopping process waits for the replies to what it has given up. */
const LAST_REPLIES_MS = 2_000;

class Media implements KurentoMedia {
  readonly #options: KurentoMediaOptions;
  readonly #requestTimeoutMs: number;
  readonly #metrics: MediaMetrics;
  readonly #servers = new Map<MediaServerUrl, MediaServer>();
  readonly #listeners = new Set<(event: LinkEvent) => void>();
  readonly inspector: MediaInspector;
  readonly probe: KurentoProbe;
  #isClosed = false;

  constructor(options: KurentoMediaOptions) {
    this.#options = options;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 5_000;
    this.#metrics = new MediaMetrics(options.registry, () => this.#servers);
    this.inspector = new Inspector(this.#request);
    this.probe = new KurentoProbe({
      timings: { ...defaultCanaryTimings, ...options.canary },
      log: options.log,
      request: this.#request,
      open: url => void this.server(url),
      hurry: url => this.#servers.get(url)?.links.hurry(),
      close: url => this.#forget(url),
    });
  }

  server(url: MediaServerUrl): MediaServer {
    if (this.#isClosed) throw new SignalError('media-unavailable', { message: 'the media engine is closed' });
    const known = this.#servers.get(url);
    if (known) return known;
    const server = new MediaServer({
      url,
      commandLinks: this.#options.linksPerServer ?? 4,
      requestTimeoutMs: this.#requestTimeoutMs,
      timings: { ...defaultTimings, ...this.#options.timings },
      log: this.#options.log,
      metrics: this.#metrics,
      onState: state => {
        for (const listener of this.#listeners) this.#tell(listener, { server: url, state });
      },
    });
    this.#servers.set(url, server);
    server.links.open();
    return server;
  }

  async open(url: MediaServerUrl, { timeoutMs = this.#requestTimeoutMs } = {}): Promise<ServerIdentity> {
    return this.server(url).links.opened(timeoutMs);
  }

  isUp(url: MediaServerUrl): boolean {
    return this.#servers.get(url)?.links.isUp ?? false;
  }

  onLink(listener: (event: LinkEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.probe.closeAll();
    // Whoever gave a join up does not wait for its reply; we do, to release what it made.
    await Promise.all(
      [...this.#servers.values()].map(({ links }) =>
        links.settled(Math.min(this.#requestTimeoutMs, LAST_REPLIES_MS)),
      ),
    );
    for (const server of this.#servers.values()) server.close();
    this.#servers.clear();
    this.#listeners.clear();
  }

  #forget(url: MediaServerUrl): void {
    this.#servers.get(url)?.close();
    this.#servers.delete(url);
  }

  publish(order: PublishOrder) {
    return this.#join('publish', order, publishJoin, ({ pipeline }) => pipeline);
  }

  view(order: ViewOrder) {
    return this.#join('view', order, viewJoin, () => order.pipeline);
  }

  async gatherCandidates({ server: url, endpoint }: EndpointRef): Promise<void> {
    await this.#request('gather-candidates', url, server =>
      server.invoke(server.linkOf(endpoint), endpoint, 'gatherCandidates', {}),
    );
  }

  async addIceCandidate({ server: url, endpoint }: EndpointRef, candidate: IceCandidate): Promise<void> {
    // A complex type is known to Kurento by the `__module__` and `__type__` that kurento-client gives it. None
    // of its fields may be absent there; it finds the media by the index.
    const toComplex = KurentoClient.getComplexType('IceCandidate');
    const { candidate: line, sdpMid, sdpMLineIndex } = candidate;
    const complex = toComplex({
      candidate: line,
      sdpMid: sdpMid ?? '',
      sdpMLineIndex: sdpMLineIndex ?? 0,
    });
    await this.#request('add-ice-candidate', url, server =>
      server.invoke(server.linkOf(endpoint), endpoint, 'addIceCandidate', { candidate: complex }),
    );
  }

  adopt(order: AdoptOrder): Promise<{ isConnected: boolean }> {
    const onEvent = this.#listener(order.onEvent);
    return this.#request('adopt', order.server, server =>
      server.inTurn('adopt', () => server.adoptions.adopt({ ...order, onEvent })),
    );
  }

  disown({ server, endpoint }: EndpointRef): void {
    this.#servers.get(server)?.adoptions.disown({ endpoint });
  }

  async releaseEndpoint({ server: url, endpoint }: EndpointRef): Promise<void> {
    this.#servers.get(url)?.routes.removeEndpoint(endpoint);
    await this.#release('release-endpoint', url, endpoint);
  }

  async releasePipeline({
    server: url,
    pipeline,
  }: {
    server: MediaServerUrl;
    pipeline: PipelineId;
  }): Promise<void> {
    this.#servers.get(url)?.routes.removePipeline(pipeline);
    await this.#release('release-pipeline', url, pipeline);
  }

  async #join<O extends PublishOrder, T extends { endpoint: EndpointRef['endpoint'] }>(
    operation: 'publish' | 'view',
    order: O,
    plan: (order: O) => Join<T>,
    pipelineOf: (media: T) => PipelineId,
  ): Promise<T> {
    return this.#request(operation, order.server, async server => {
      const { transaction, read, subscriptions } = plan(order);
      const build = async () => {
        const link = server.links.forCommands(order.room);
        return { link, result: await server.build(link, transaction, order.signal) };
      };
      const { link, result } = await server.inTurn(operation, build, order.signal);
      const media = read(result);
      server.routes.add({
        endpoint: media.endpoint,
        pipeline: pipelineOf(media),
        link,
        subscriptions: subscriptions(result),
        onEvent: this.#listener(order.onEvent),
      });
      return media;
    });
  }

  /** Lives as long as its endpoint, so it is made where it holds nothing else: an offer in its scope would stay, too. */
  #listener(onEvent: (event: EndpointEvent) => void): (event: EndpointEvent) => void {
    return event => this.#tell(onEvent, event);
  }

  #release(operation: string, url: MediaServerUrl, object: string): Promise<void> {
    return this.#metrics.measure(operation, async () => {
      if (this.#options.isLost?.(url)) return;
      const server = this.server(url);
      // Also for a server that is down: it is owed the release then.
      await server.links.ready().catch(() => undefined);
      await server.release(object);
    });
  }

  readonly #request: RequestOnServer = (operation, url, request) =>
    this.#metrics.measure(operation, async () => {
      const server = this.server(url);
      await server.links.ready();
      return request(server);
    });

  /** A listener's bug is its own: it must not cost anybody a link. */
  #tell<E>(listener: (event: E) => void, event: E): void {
    try {
      listener(event);
    } catch (error) {
      this.#options.log.error({ err: error, event }, 'a listener threw');
    }
  }
}
