import type { MediaServerUrl } from '@manycast/protocol';
import {
  doubted,
  type Health,
  type MediaServerRecord,
  type ServerSource,
  stateOf,
  usualCapacity,
} from '../domain/media-server.js';
import {
  calmMsAfter,
  deathsOf,
  defaultHealthRules,
  type HealthRules,
  nextHealth,
  quarantineMsOf,
} from '../domain/server-health.js';
import type {
  NewServer,
  Observed,
  PoolServer,
  ServerRegistry,
  ServerSighting,
  ServerStanding,
} from '../ports/server-registry.js';
import type { MemoryPool } from './memory-pool.js';

/** How long an observer has for warming a server up before another is asked. */
const warmUpMs = 15_000;

/** The servers of a pool in this process, for fast tests. */
export class MemoryServerRegistry implements ServerRegistry {
  private readonly warming = new Map<MediaServerUrl, number>();
  private observedAtMs: number | undefined;
  private calmUntilMs = 0;

  constructor(
    private readonly state: MemoryPool,
    private readonly rules: HealthRules = defaultHealthRules,
  ) {}

  async add(source: ServerSource, servers: NewServer[]): Promise<void> {
    for (const { url, capacity, labels } of servers) {
      if (source === 'admin') this.state.removed.delete(url);
      if (this.state.removed.has(url)) continue;
      const server = this.state.server(url);
      server.capacity = capacity ?? (server.capacity || usualCapacity);
      server.labels = labels ?? server.labels;
      // It was to leave because nobody named it any more.
      if (server.sources.length === 0 && server.drain?.isRemoval) server.drain = null;
      if (!server.sources.includes(source)) server.sources.push(source);
    }
    this.state.changed();
  }

  async withdraw(source: ServerSource, url: MediaServerUrl, drainMs: number): Promise<void> {
    const server = this.state.servers.get(url);
    if (!server?.sources.includes(source)) return;
    server.sources = server.sources.filter(other => other !== source);
    if (server.sources.length > 0) return;
    if (server.health === 'up' || server.health === 'suspect') {
      server.drain = { deadlineMs: this.state.now() + drainMs, isRemoval: true };
      this.state.changed();
    } else this.forget(server);
  }

  async drain(url: MediaServerUrl, drainMs: number, { isRemoval = false } = {}): Promise<ServerStanding> {
    return this.change(url, server => {
      server.drain = { deadlineMs: this.state.now() + drainMs, isRemoval };
    });
  }

  async undrain(url: MediaServerUrl): Promise<ServerStanding> {
    return this.change(url, server => {
      server.drain = null;
    });
  }

  async remove(url: MediaServerUrl, source: ServerSource): Promise<ServerStanding> {
    if (source === 'admin') this.state.removed.add(url);
    const server = this.state.servers.get(url);
    if (!server) return { status: 'unknown' };
    this.forget(server);
    return { status: 'done', state: 'drained' };
  }

  async observe({
    observer,
    leaseMs,
    sightings,
  }: Parameters<ServerRegistry['observe']>[0]): Promise<Observed> {
    const { state } = this;
    const nowMs = state.now();
    const isNew = (state.leases.get(observer) ?? 0) <= nowMs;
    state.leases.set(observer, nowMs + leaseMs);
    const calmMs = calmMsAfter(nowMs - (this.observedAtMs ?? nowMs), leaseMs);
    if (calmMs > 0) this.calmUntilMs = nowMs + calmMs;
    this.observedAtMs = nowMs;
    for (const sighting of sightings) this.see(observer, sighting, nowMs);
    const warmUp: MediaServerUrl[] = [];
    for (const server of state.servers.values()) {
      this.judge(server, nowMs);
      if (this.isToWarm(server, observer, nowMs)) warmUp.push(server.url);
    }
    return { isNew, warmUp, version: String(state.version), birth: String(state.birth) };
  }

  async restore(servers: PoolServer[]): Promise<void> {
    for (const { state, rooms, observers, ...record } of servers) {
      const known = this.state.servers.get(record.url);
      if (known && known.sources.length > 0) continue;
      const server = this.state.server(record.url);
      const { capacity, labels, sources, drain, limit } = record;
      Object.assign(server, { capacity, labels, sources, drain, limit });
    }
    this.state.changed();
  }

  onChange(listener: () => void): () => void {
    this.state.listeners.add(listener);
    return () => this.state.listeners.delete(listener);
  }

  private see(observer: string, sighting: ServerSighting, nowMs: number): void {
    const { state } = this;
    const server = state.servers.get(sighting.server);
    if (!server) return;
    const { isReachable, serverId, load } = sighting;
    if (isReachable && serverId && !server.formerIds.includes(serverId)) this.meet(server, serverId, nowMs);
    const seen = state.sightings.get(server.url) ?? new Map<string, ServerSighting>();
    state.sightings.set(server.url, seen.set(observer, sighting));
    if (!load || serverId !== server.serverId) return;
    server.load = load;
    server.reservedAtLoad = server.reserved;
    if (server.limit !== null && nowMs - server.limitAtMs >= this.rules.doubtMs) {
      server.limit = doubted(server);
      server.limitAtMs = nowMs;
    }
  }

  /** Another identity at the same address is another server (R-KMS-3). */
  private meet(server: MediaServerRecord, serverId: string, nowMs: number): void {
    if (server.serverId === serverId) return;
    if (server.serverId) {
      server.formerIds = [...server.formerIds, server.serverId].slice(-8);
      const isAlreadyLost = server.health === 'down' || server.health === 'quarantined';
      if (!isAlreadyLost && (server.health !== 'joining' || server.reserved > 0)) this.die(server, nowMs);
    }
    server.serverId = serverId;
    this.state.changed();
  }

  private judge(server: MediaServerRecord, nowMs: number): void {
    const { state, rules } = this;
    const sightings = [...(state.sightings.get(server.url) ?? [])]
      .filter(([observer]) => (state.leases.get(observer) ?? 0) > nowMs)
      .map(([, { isReachable, isWarm, serverId }]) => {
        // Who speaks of a former one has not noticed yet that it is gone.
        const isThisOne = serverId === server.serverId;
        return { isReachable: isReachable && isThisOne, isWarm: isWarm && isThisOne };
      });
    const next = nextHealth(server, sightings, nowMs, { ...rules, calmUntilMs: this.calmUntilMs });
    if (next === server.health) return;
    if (next === 'down' && server.health === 'suspect') return this.die(server, nowMs);
    this.enter(server, next, nowMs);
  }

  private die(server: MediaServerRecord, nowMs: number): void {
    this.state.lose(server);
    server.deaths = deathsOf(server, nowMs, this.rules);
    server.diedAtMs = nowMs;
    this.enter(server, 'down', nowMs);
  }

  private enter(server: MediaServerRecord, health: Health, nowMs: number): void {
    server.health = health;
    server.sinceMs = nowMs;
    this.warming.delete(server.url);
    if (health === 'quarantined')
      server.quarantinedUntilMs = nowMs + quarantineMsOf(server.deaths, this.rules);
    this.state.changed();
  }

  private isToWarm(server: MediaServerRecord, observer: string, nowMs: number): boolean {
    const own = this.state.sightings.get(server.url)?.get(observer);
    if (server.health !== 'joining' || !own?.isReachable || own.isWarm) return false;
    if ((this.warming.get(server.url) ?? 0) > nowMs) return false;
    this.warming.set(server.url, nowMs + warmUpMs);
    return true;
  }

  private change(url: MediaServerUrl, work: (server: MediaServerRecord) => void): ServerStanding {
    const server = this.state.servers.get(url);
    if (!server) return { status: 'unknown' };
    work(server);
    this.state.changed();
    return { status: 'done', state: stateOf(server, this.state.on(server).length) };
  }

  private forget(server: MediaServerRecord): void {
    this.state.lose(server);
    this.state.servers.delete(server.url);
    this.state.sightings.delete(server.url);
    this.state.changed();
  }
}
