import { randomUUID } from 'node:crypto';
import {
  defaultHealthRules,
  type HealthRules,
  type NewServer,
  type Observed,
  type PoolServer,
  type ServerRegistry,
  type ServerSighting,
  type ServerSource,
  type ServerStanding,
  usualCapacity,
} from '@manycast/core';
import type { MediaServerUrl } from '@manycast/protocol';
import type { Redis } from 'ioredis';
import type { RedisClient } from './define-script.js';
import type { Keys } from './keys.js';
import { serverScript } from './pool-script.js';

const add = serverScript<object>('servers-add.lua');
const withdraw = serverScript<object>('servers-withdraw.lua');
const drain = serverScript<ServerStanding>('servers-drain.lua');
const remove = serverScript<ServerStanding>('servers-remove.lua');
const restore = serverScript<object>('servers-restore.lua');
// An empty list leaves Lua as an empty object.
const observe = serverScript<Omit<Observed, 'warmUp'> & { warmUp: Record<string, MediaServerUrl> }>(
  'servers-observe.lua',
);

/** How long an observer has for warming a server up before another is asked. */
const warmUpMs = 15_000;

/** Media servers in Redis: one Lua script per step. */
export class RedisServerRegistry implements ServerRegistry {
  constructor(
    private readonly redis: RedisClient,
    private readonly subscriber: Redis,
    private readonly keys: Keys,
    private readonly rules: HealthRules = defaultHealthRules,
  ) {}

  async add(source: ServerSource, servers: NewServer[]): Promise<void> {
    if (servers.length > 0) await add(this.redis, this.keys, { source, servers, usualCapacity });
  }

  async withdraw(source: ServerSource, server: MediaServerUrl, drainMs: number): Promise<void> {
    await withdraw(this.redis, this.keys, { source, server, drainMs });
  }

  drain(server: MediaServerUrl, drainMs: number, { isRemoval = false } = {}): Promise<ServerStanding> {
    return drain(this.redis, this.keys, { server, drainMs, isRemoval });
  }

  undrain(server: MediaServerUrl): Promise<ServerStanding> {
    return drain(this.redis, this.keys, { server });
  }

  remove(server: MediaServerUrl, source: ServerSource): Promise<ServerStanding> {
    return remove(this.redis, this.keys, { server, source });
  }

  async observe({ sightings, ...order }: Parameters<ServerRegistry['observe']>[0]): Promise<Observed> {
    const { rules } = this;
    const args = {
      ...order,
      ...rules,
      salt: randomUUID(),
      warmUpMs,
      sightings: sightings.map(withoutNulls),
    };
    const observed = await observe(this.redis, this.keys, args);
    return { ...observed, warmUp: Object.values(observed.warmUp) };
  }

  async restore(servers: PoolServer[]): Promise<void> {
    const given = servers.map(({ url, capacity, labels, sources, drain: wish, limit }) => ({
      ...{ url, capacity, labels },
      sources: Object.fromEntries(sources.map(source => [source, true])),
      ...(wish && { drain: wish }),
      ...(limit !== null && { limit }),
    }));
    if (given.length > 0) await restore(this.redis, this.keys, { servers: given });
  }

  onChange(listener: () => void): () => void {
    const channel = this.keys.serverChanges();
    const hear = (name: string) => {
      if (name === channel) listener();
    };
    // After a reconnection nobody knows what was missed.
    const subscribe = () => {
      this.subscriber.subscribe(channel).then(listener, () => {});
    };
    this.subscriber.on('message', hear);
    this.subscriber.on('ready', subscribe);
    if (this.subscriber.status === 'ready') subscribe();
    return () => {
      this.subscriber.off('message', hear);
      this.subscriber.off('ready', subscribe);
    };
  }
}

/** Lua would take a null for something. */
function withoutNulls({ serverId, load, ...sighting }: ServerSighting): object {
  const known = load && Object.fromEntries(Object.entries(load).filter(([, value]) => value !== null));
  return { ...sighting, ...(serverId && { serverId }), ...(known && { load: known }) };
}
