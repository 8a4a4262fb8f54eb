import { MemoryPresentingRooms } from '@manycast/core';
import { createLogger, createRegistry } from '@manycast/runtime';
import type { ConnectionLimits } from '../connection-options.js';
import { IceServers } from '../ice-servers.js';
import { createLimits, type LimitSettings } from '../limits/limits.js';
import { NodeMetrics } from '../node-metrics.js';

/** The limits of a node, none of them felt unless it is set. */
export function newLimits(own: Partial<LimitSettings> = {}, metrics = new NodeMetrics(createRegistry())) {
  const settings: LimitSettings = {
    maxSocketsPerAddress: 0,
    maxSessionsPerIdentity: 0,
    maxRoomsPerIdentity: 0,
    maxJoinsPerAddress: 0,
    maxMemoryMb: 0,
    maxLagMs: 600_000,
    maxBusyPercent: 0,
    trustedProxies: [],
    ...own,
  };
  const counts = new Map<string, number>();
  const max = settings.maxJoinsPerAddress;
  const rate = {
    add: async (key: string) => {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return { overForMs: count > max ? 10_000 : 0 };
    },
  };
  const log = createLogger({ name: 'test', level: 'silent' });
  return createLimits(settings, { rate, rooms: new MemoryPresentingRooms(), metrics, log });
}

export const noLimits: ConnectionLimits = {
  maxCandidates: 1_000,
  maxSessions: 1_000,
  maxErrors: 1_000,
  maxSdpChars: 32_768,
  maxMessagesPerS: 1_000,
  chatPerSecond: 2,
};

export const noIceServers = new IceServers({ stunUrls: [], turnUrls: [], turnTtlMs: 60_000 });
