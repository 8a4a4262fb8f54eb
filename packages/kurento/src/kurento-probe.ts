import type { MediaProbe, ProbedServer, ServerLoad } from '@manycast/core';
import { type MediaServerUrl, SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { Canary, type CanaryTimings } from './canary.js';
import type { RequestOnServer } from './inspector.js';
import { Transaction } from './transaction.js';

export interface KurentoProbeOptions {
  timings: CanaryTimings;
  log: Logger;
  request: RequestOnServer;
  /** Opens links to a server, or ends them. */
  open(server: MediaServerUrl): void;
  /** It answers, maybe again: links that are down need not wait. */
  hurry(server: MediaServerUrl): void;
  close(server: MediaServerUrl): void;
}

/** Watches Kurento servers: a canary for each, and their first endpoint. */
export class KurentoProbe implements MediaProbe {
  readonly #options: KurentoProbeOptions;
  readonly #canaries = new Map<MediaServerUrl, Canary>();
  readonly #listeners = new Set<() => void>();

  constructor(options: KurentoProbeOptions) {
    this.#options = options;
  }

  watch(url: MediaServerUrl): void {
    if (this.#canaries.has(url)) return;
    const { timings, log, open, hurry } = this.#options;
    const onChange = () => {
      if (this.look(url)?.isReachable) hurry(url);
      for (const listener of this.#listeners) listener();
    };
    this.#canaries.set(url, new Canary({ url, timings, log, onChange }));
    open(url);
  }

  unwatch(url: MediaServerUrl): void {
    this.#canaries.get(url)?.close();
    this.#canaries.delete(url);
    this.#options.close(url);
  }

  look(url: MediaServerUrl): ProbedServer | null {
    return this.#canaries.get(url)?.look() ?? null;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async warmUp(url: MediaServerUrl): Promise<void> {
    await this.#options.request('warm-up', url, async server => {
      const transaction = new Transaction();
      const pipeline = transaction.create('MediaPipeline');
      transaction.create('WebRtcEndpoint', { mediaPipeline: pipeline });
      const result = await server.build(server.links.forCommands(url), transaction, undefined);
      await server.release(String(result.value(0)));
    });
  }

  async load(url: MediaServerUrl): Promise<ServerLoad> {
    const canary = this.#canaries.get(url);
    if (!canary) throw new SignalError('media-unavailable');
    return { endpoints: null, ...(await canary.load()) };
  }

  closeAll(): void {
    for (const canary of this.#canaries.values()) canary.close();
    this.#canaries.clear();
    this.#listeners.clear();
  }
}
