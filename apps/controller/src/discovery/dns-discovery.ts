import { setTimeout as pause } from 'node:timers/promises';
import type { ServerRegistry } from '@manycast/core';
import type { MediaServerUrl } from '@manycast/protocol';
import type { Logger, Service } from '@manycast/runtime';
import type { DnsSource, LookUp } from './dns-source.js';

export interface DnsDiscoveryOptions {
  sources: DnsSource[];
  lookUp: LookUp;
  servers: ServerRegistry;
  /** Those that the pool knows by DNS. */
  known(): MediaServerUrl[];
  /** Endpoints of each; undefined takes the usual. */
  capacity: number | undefined;
  /** How long a server that is named no more has for its rooms to move. */
  leaveMs: number;
  /** The longest pause between two looks; a shorter TTL makes it shorter. */
  everyMs: number;
  isStoreUp(): boolean;
  log: Logger;
}

/** However short the TTL is. */
const shortestMs = 1_000;
/** A name that is looked up at the wrong moment may leave somebody out. */
const missesBeforeLeaving = 2;

/**
 * Servers as DNS names them, such as those of a headless service. A look that fails, or finds nobody, proves nothing:
 * only one that finds others and not this one, twice, lets a server go.
 */
export class DnsDiscovery implements Service {
  readonly name = 'DNS discovery';
  private readonly stopping = new AbortController();
  private readonly misses = new Map<MediaServerUrl, number>();
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: DnsDiscoveryOptions) {}

  async start(): Promise<void> {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Returns when to look again, in ms. Never rejects. */
  async look(): Promise<number> {
    const { sources, lookUp, servers, known, capacity, leaveMs, everyMs, isStoreUp, log } = this.options;
    if (!isStoreUp()) return shortestMs;
    try {
      const found = await Promise.all(sources.map(lookUp));
      const named = new Set(found.flatMap(({ servers: urls }) => urls));
      if (named.size > 0) {
        await servers.add(
          'dns',
          [...named].map(url => ({ url, ...(capacity !== undefined && { capacity }) })),
        );
        for (const url of known()) {
          const misses = named.has(url) ? 0 : (this.misses.get(url) ?? 0) + 1;
          this.misses.set(url, misses);
          if (misses < missesBeforeLeaving) continue;
          log.info({ server: url }, 'DNS names a media server no more');
          await servers.withdraw('dns', url, leaveMs);
          this.misses.delete(url);
        }
      }
      const ttls = found.map(({ ttlMs = everyMs }) => ttlMs);
      return Math.max(shortestMs, Math.min(everyMs, ...ttls));
    } catch (error) {
      log.warn({ err: error }, 'media servers could not be looked up; those known stay');
      return Math.min(everyMs, 5 * shortestMs);
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) await pause(await this.look(), undefined, { signal }).catch(() => {});
  }
}
