import type { MediaServerUrl } from '@manycast/protocol';
import { capacityOf, isOpen, type Labels, type MediaServerRecord } from './media-server.js';

/** How long a new broadcast counts for more than it has: its audience is yet to come. */
export const rampMs = 10_000;

/** Where a broadcast should be, and how much of a server it wants. */
export interface Wish {
  slots: number;
  /** Labels a server must have. */
  require?: Labels;
  /** Labels that are chosen first as long as a server with them has room. */
  prefer?: Labels;
  /** Not this one. */
  except?: MediaServerUrl;
  /** Only this one. */
  to?: MediaServerUrl;
}

/** What new broadcasts of late still weigh beside their promises. It fades evenly, so that nobody has to recount. */
export function rampOf({ recent, recentAtMs }: MediaServerRecord, nowMs: number): number {
  return recent * Math.max(0, 1 - Math.max(0, nowMs - recentAtMs) / rampMs);
}

/**
 * How full a server is; 1 is full. What it says of itself and what was promised since, whichever is more: promises
 * that nobody has redeemed yet are not in its figures, and endpoints that are not ours are not in our promises.
 */
export function loadOf(server: MediaServerRecord, nowMs: number): number {
  const { reserved, reservedAtLoad, load } = server;
  const since = Math.max(0, reserved - reservedAtLoad);
  const occupied = Math.max(reserved, (load?.endpoints ?? 0) + since);
  const bySlots = (occupied + rampOf(server, nowMs)) / capacityOf(server);
  const byCpu = (load?.cpu ?? 0) + (load?.cpu ? since / capacityOf(server) : 0);
  return Math.max(bySlots, byCpu);
}

export const freeSlots = (server: MediaServerRecord): number =>
  isOpen(server) ? Math.max(0, capacityOf(server) - server.reserved) : 0;

export const hasLabels = ({ labels }: Pick<MediaServerRecord, 'labels'>, wanted: Labels = {}): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);

/**
 * The policy: one that can take all of it before one that cannot, one that is preferred before one that is not; then
 * the least loaded, or where none can take all of it, the one with the most room. The Redis script must agree with
 * this page (pool-lib's `choose`); the contract suite holds both to it.
 */
export function choose(
  servers: Iterable<MediaServerRecord>,
  { slots, require, prefer, except, to }: Wish,
  nowMs: number,
): MediaServerRecord | null {
  const candidates = [...servers]
    .filter(server => freeSlots(server) > 0 && server.url !== except && (!to || server.url === to))
    .filter(server => hasLabels(server, require))
    .map(server => ({
      server,
      fits: freeSlots(server) >= slots,
      isPreferred: hasLabels(server, prefer),
      order: freeSlots(server) >= slots ? loadOf(server, nowMs) : -freeSlots(server),
    }));
  candidates.sort(
    (a, b) =>
      Number(b.fits) - Number(a.fits) ||
      Number(b.isPreferred) - Number(a.isPreferred) ||
      a.order - b.order ||
      (a.server.url < b.server.url ? -1 : 1),
  );
  return candidates[0]?.server ?? null;
}
