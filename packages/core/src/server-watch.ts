import { setTimeout as pause } from 'node:timers/promises';
import type { MediaServerUrl } from '@manycast/protocol';
import { SignalError } from '@manycast/protocol';
import type { Logger, Service } from '@manycast/runtime';
import { Wake } from './domain/wake.js';
import type { MediaProbe } from './ports/media-probe.js';
import type { PoolStore } from './ports/pool-store.js';
import type { PoolServer, ServerRegistry, ServerSighting } from './ports/server-registry.js';

export interface ServerWatchOptions {
  /** Unique in the cluster. */
  observer: string;
  servers: ServerRegistry;
  pool: Pick<PoolStore, 'read'>;
  probe: MediaProbe;
  /** How often the pool is told that this process can speak, and looked at for what is new. */
  beatMs: number;
  /** How long it can speak after a beat. */
  leaseMs: number;
  /** How often servers are asked how they are; never when this process does not ask. */
  loadMs?: number;
  isStoreUp(): boolean;
  log: Logger;
}

/** While a server's fate is open, and for what this process has just seen. */
const hurryMs = 100;
/** Less than what the pool waits before it asks another observer. */
const warmUpMs = 12_000;
const warmUpPauseMs = 200;

/**
 * This process's part in watching the media servers, and its view of the pool: it tells the pool how it finds each
 * server, warms up those it is asked to, and learns which servers there are, so that none has to be configured here.
 */
export class ServerWatch implements Service {
  readonly name = 'server watch';
  private readonly wake = new Wake();
  private readonly stopping = new AbortController();
  private readonly listeners = new Set<(servers: PoolServer[]) => void>();
  private readonly known = new Map<MediaServerUrl, PoolServer>();
  private readonly said = new Map<MediaServerUrl, string>();
  /** The identity this process has warmed each server up in. */
  private readonly warm = new Map<MediaServerUrl, string>();
  private readonly loadedAtMs = new Map<MediaServerUrl, number>();
  /** As of the last look; undefined when another is due. */
  private version: string | undefined;
  private hasLooked = false;
  /** Of the store, as of the last beat. */
  private birth: string | undefined;
  private running: Promise<void> = Promise.resolve();
  private readonly ends: (() => void)[] = [];

  constructor(private readonly options: ServerWatchOptions) {}

  /** Whether some server is well, as of the last look: otherwise it is no want of room that keeps broadcasts out. */
  get isPoolUp(): boolean {
    return [...this.known.values()].some(({ health }) => health === 'up');
  }

  all(): PoolServer[] {
    return [...this.known.values()];
  }

  find(server: MediaServerUrl): PoolServer | undefined {
    return this.known.get(server);
  }

  /** What was on it is lost, or it is no part of the pool: nothing there has to be waited for. */
  isLost(server: MediaServerUrl): boolean {
    const health = this.known.get(server)?.health;
    return this.hasLooked && (health === undefined || health === 'down');
  }

  /** Called with all servers, now and whenever they have changed. */
  onServers(listener: (servers: PoolServer[]) => void): void {
    this.listeners.add(listener);
    if (this.hasLooked) listener(this.all());
  }

  async start(): Promise<void> {
    const { servers, probe } = this.options;
    this.ends.push(
      servers.onChange(() => {
        this.version = undefined;
        this.wake.up();
      }),
      probe.onChange(() => this.wake.up()),
    );
    this.running = this.run();
  }

  async stop(): Promise<void> {
    for (const end of this.ends) end();
    this.stopping.abort();
    await this.running;
    // It is not missed then: nobody waits for its lease to end.
    await this.options.servers
      .observe({ observer: this.options.observer, leaseMs: 0, sightings: [] })
      .catch(() => {});
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      if (this.options.isStoreUp()) {
        await this.beat().catch(error =>
          this.options.log.warn({ err: SignalError.from(error) }, 'the pool could not be told'),
        );
      }
      const isOpen = this.all().some(({ health }) => health === 'suspect' || health === 'joining');
      const soon = AbortSignal.timeout(isOpen ? hurryMs : this.options.beatMs);
      await this.wake.next(AbortSignal.any([signal, soon]));
    }
  }

  private async beat(): Promise<void> {
    const { observer, leaseMs, servers } = this.options;
    const sightings = this.news();
    const observed = await servers.observe({ observer, leaseMs, sightings });
    // Before it is learned from: it knows no servers now.
    if (this.birth !== undefined && this.birth !== observed.birth) await servers.restore(this.all());
    this.birth = observed.birth;
    for (const sighting of sightings) this.said.set(sighting.server, keyOf(sighting));
    if (observed.isNew) {
      this.said.clear();
      this.wake.up();
    }
    for (const server of observed.warmUp) void this.warmUp(server);
    if (observed.version !== this.version) await this.learn(observed.version);
    this.askLoads();
  }

  /** What has changed since it was last said. */
  private news(): ServerSighting[] {
    return this.all()
      .map(({ url }) => this.sighting(url))
      .filter(sighting => sighting !== null)
      .filter(sighting => this.said.get(sighting.server) !== keyOf(sighting));
  }

  private sighting(server: MediaServerUrl): ServerSighting | null {
    const probed = this.options.probe.look(server);
    if (!probed) return null;
    const isWarm = probed.serverId !== null && this.warm.get(server) === probed.serverId;
    return { server, ...probed, isWarm };
  }

  private async learn(version: string): Promise<void> {
    const { pool, probe } = this.options;
    const list = await pool.read();
    const there = new Set(list.map(({ url }) => url));
    for (const url of this.known.keys()) {
      if (there.has(url)) continue;
      this.known.delete(url);
      this.said.delete(url);
      this.warm.delete(url);
      probe.unwatch(url);
    }
    for (const server of list) {
      const before = this.known.get(server.url);
      this.known.set(server.url, server);
      if (!before) {
        probe.watch(server.url);
        this.wake.up();
      }
      this.tell(before, server);
    }
    this.version = version;
    this.hasLooked = true;
    for (const listener of this.listeners) listener(list);
  }

  private tell(before: PoolServer | undefined, { url: server, state, deaths }: PoolServer): void {
    if (before?.state === state) return;
    const isBad = state === 'down' || state === 'suspect' || state === 'quarantined';
    this.options.log[isBad ? 'warn' : 'info']({ server, state, deaths }, 'media server');
  }

  /** Until it succeeds, somebody else's turn comes, or the server is gone: the links for it may have to come up first. */
  private async warmUp(server: MediaServerUrl): Promise<void> {
    const { probe, log } = this.options;
    const { signal } = this.stopping;
    const deadlineMs = performance.now() + warmUpMs;
    while (!signal.aborted && performance.now() < deadlineMs) {
      const serverId = probe.look(server)?.serverId;
      if (!serverId) return;
      try {
        await probe.warmUp(server);
        this.warm.set(server, serverId);
        return this.wake.up();
      } catch (error) {
        log.debug({ err: SignalError.from(error), server }, 'media server not warmed up yet');
        await pause(warmUpPauseMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  private askLoads(): void {
    const { loadMs, probe, servers, observer, leaseMs, log } = this.options;
    if (loadMs === undefined) return;
    const nowMs = performance.now();
    for (const { url } of this.all()) {
      if (nowMs - (this.loadedAtMs.get(url) ?? Number.NEGATIVE_INFINITY) < loadMs) continue;
      this.loadedAtMs.set(url, nowMs);
      const sighting = this.sighting(url);
      if (!sighting?.isReachable) continue;
      probe
        .load(url)
        .then(load => servers.observe({ observer, leaseMs, sightings: [{ ...sighting, load }] }))
        .catch(error => log.debug({ err: error, server: url }, 'media server did not say how it is'));
    }
  }
}

const keyOf = ({ isReachable, serverId, isWarm }: ServerSighting): string =>
  `${isReachable} ${serverId} ${isWarm}`;
