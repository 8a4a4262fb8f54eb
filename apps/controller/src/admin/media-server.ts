import type { PoolServer, PoolStore } from '@manycast/core';
import { z } from 'zod';
import { Problem } from './problem.js';

const when = z.iso.datetime();
const states = ['joining', 'up', 'suspect', 'down', 'quarantined', 'draining', 'drained'] as const;

/** A media server as operators see it. */
export const MediaServer = z
  .object({
    id: z.string().describe('host and port of its address'),
    url: z.string(),
    state: z.enum(states).describe('drained: it is draining, and no room is on it any more'),
    since: when.describe('when its health became what it is'),
    serverId: z.string().nullable().describe('as it names itself; another after a restart'),
    capacity: z.number().int().describe('endpoints that it may have'),
    limit: z.number().int().nullable().describe('endpoints that it has shown to bear, if it refused one'),
    reserved: z.number().int().describe('endpoints promised to rooms'),
    rooms: z.number().int().describe('rooms with a promise on it; what a drain has left to do'),
    load: z
      .object({
        endpoints: z
          .number()
          .int()
          .describe('as it says; from one that does not, as Kurento, what is promised to rooms'),
        cpu: z.number().nullable().describe('of all its cores, 0-1'),
        memoryBytes: z.number().nullable(),
      })
      .nullable(),
    labels: z.record(z.string(), z.string()),
    sources: z.array(z.enum(['static', 'dns', 'registrar', 'admin'])).describe('who names it'),
    drain: z
      .object({ deadline: when, thenRemove: z.boolean() })
      .nullable()
      .describe('what has not moved by the deadline is ended'),
    observers: z.object({ reachable: z.number().int(), lost: z.number().int() }),
    quarantinedUntil: when.nullable(),
  })
  .meta({ id: 'MediaServer', description: 'one media server of the pool' });

/** A whole URL would have to be escaped wherever it stands in a path. */
export function idOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === 'wss:' ? 443 : 80)}`;
}

export function shown(server: PoolServer): z.input<typeof MediaServer> {
  const { url, state, sinceMs, serverId, capacity, limit, reserved, rooms, load, labels } = server;
  const { sources, drain, observers, quarantinedUntilMs } = server;
  return {
    ...{ id: idOf(url), url, state, since: iso(sinceMs), serverId, capacity, limit, reserved, rooms },
    load: load && { endpoints: load.endpoints ?? reserved, cpu: load.cpu, memoryBytes: load.memoryBytes },
    ...{ labels: { ...labels }, sources: [...sources] },
    drain: drain && { deadline: iso(drain.deadlineMs), thenRemove: drain.isRemoval },
    observers: { reachable: observers.reachable, lost: observers.lost },
    quarantinedUntil: quarantinedUntilMs > 0 ? iso(quarantinedUntilMs) : null,
  };
}

/** The server of that id. Throws Problem `server-unknown`. */
export async function serverOf(pool: PoolStore, id: string): Promise<PoolServer> {
  const found = (await pool.read()).find(({ url }) => idOf(url) === id);
  if (!found) throw new Problem('server-unknown');
  return found;
}

export const serverParam = z.object({ server: z.string().max(300).describe('its id, such as `kms-0:8888`') });

const iso = (unixMs: number): string => new Date(unixMs).toISOString();
