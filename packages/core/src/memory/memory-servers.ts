import { stateOf } from '../domain/media-server.js';
import type { PoolServer } from '../ports/server-registry.js';
import type { MemoryPool } from './memory-pool.js';

/** Every server of a pool in this process, as its readers are shown it. */
export function readServers(state: MemoryPool): PoolServer[] {
  return [...state.servers.values()].map(record => {
    const { reservedAtLoad, recent, recentAtMs, ...shown } = record;
    const rooms = state.on(record).length;
    const speaking = [...(state.sightings.get(record.url) ?? [])]
      .filter(([observer]) => (state.leases.get(observer) ?? 0) > state.now())
      .map(([, { isReachable }]) => isReachable);
    const reachable = speaking.filter(Boolean).length;
    const observers = { reachable, lost: speaking.length - reachable };
    return { ...structuredClone(shown), rooms, state: stateOf(record, rooms), observers };
  });
}
