import type { Health, PoolServer, ServerLoad, ServerSource, ServerState } from '@manycast/core';
import { asMediaServerUrl } from '@manycast/protocol';
import type { RedisClient } from './define-script.js';
import type { Keys } from './keys.js';
import { serverScript } from './pool-script.js';

/** A server as the scripts keep it: what is null elsewhere is absent here, lists are the keys of objects. */
interface KeptServer {
  url: string;
  state: ServerState;
  rooms: number;
  reachable: number;
  lost: number;
  health: Health;
  sinceMs: number;
  serverId?: string;
  formerIds: Record<string, number>;
  incarnation: number;
  capacity: number;
  limit?: number;
  limitAtMs?: number;
  reserved: number;
  load?: Partial<ServerLoad>;
  labels: Record<string, string>;
  sources: Record<string, true>;
  drain?: { deadlineMs: number; isRemoval?: boolean };
  deaths: number;
  diedAtMs: number;
  quarantinedUntilMs?: number;
}

const read = serverScript<{ version: string; servers: Record<string, KeptServer> }>('servers-read.lua');

export async function readServers(
  redis: RedisClient,
  keys: Keys,
): Promise<{ version: string; servers: PoolServer[] }> {
  const { version, servers } = await read(redis, keys, {});
  return { version, servers: Object.values(servers).map(shown) };
}

const shown = (kept: KeptServer): PoolServer => ({
  url: asMediaServerUrl(kept.url),
  state: kept.state,
  health: kept.health,
  sinceMs: kept.sinceMs,
  serverId: kept.serverId ?? null,
  formerIds: Object.keys(kept.formerIds),
  incarnation: kept.incarnation,
  capacity: kept.capacity,
  limit: kept.limit ?? null,
  limitAtMs: kept.limitAtMs ?? 0,
  reserved: kept.reserved,
  rooms: kept.rooms,
  load: kept.load ? { endpoints: null, cpu: null, memoryBytes: null, ...kept.load } : null,
  labels: kept.labels,
  sources: Object.keys(kept.sources) as ServerSource[],
  drain: kept.drain ? { isRemoval: false, ...kept.drain } : null,
  deaths: kept.deaths,
  diedAtMs: kept.diedAtMs,
  quarantinedUntilMs: kept.quarantinedUntilMs ?? 0,
  observers: { reachable: kept.reachable, lost: kept.lost },
});
