import type { Health, MediaServerRecord } from './media-server.js';

/** How one who watches a server finds it now. */
export interface Sighting {
  isReachable: boolean;
  /** It has made an endpoint there since the server took its present identity: the slow first one is behind it. */
  isWarm: boolean;
}

/** All in ms. */
export interface HealthRules {
  /** How long a server stays suspect before it is given up: a short hiccup is no loss. */
  confirmMs: number;
  /** A server lost twice within this time flaps. */
  flapMs: number;
  /** How long one that flaps is kept out at first; doubled each time. */
  quarantineMs: number;
  maxQuarantineMs: number;
  /** How long a server that refused an endpoint bears no more than it had; then it is trusted with more, step by step. */
  doubtMs: number;
}

/**
 * When nobody has spoken for a lease, the store was out of reach for all. Who is back first may be the one who is cut
 * off: nobody is given up until the others have had as long again, twice.
 */
export const calmMsAfter = (silentMs: number, leaseMs: number): number =>
  silentMs > leaseMs ? 2 * leaseMs : 0;

export const defaultHealthRules: HealthRules = {
  confirmMs: 300,
  flapMs: 600_000,
  quarantineMs: 10_000,
  maxQuarantineMs: 600_000,
  doubtMs: 60_000,
};

/**
 * What becomes of a server, given the sightings of everybody who can speak. One who sees it is enough to keep it: who
 * does not may be cut off himself (R-KMS-1). When nobody speaks, nothing changes. `down` from `suspect` means that
 * what was on it is lost. The Redis script must agree with this page (pool-observe.lua); the contract suite holds both
 * to it.
 */
export function nextHealth(
  server: Pick<MediaServerRecord, 'health' | 'sinceMs' | 'deaths' | 'quarantinedUntilMs'>,
  sightings: Sighting[],
  nowMs: number,
  { confirmMs, calmUntilMs = 0 }: Pick<HealthRules, 'confirmMs'> & { calmUntilMs?: number },
): Health {
  const { health, sinceMs, deaths, quarantinedUntilMs } = server;
  if (sightings.length === 0) return health;
  const isSeen = sightings.some(({ isReachable }) => isReachable);
  switch (health) {
    case 'joining':
      return sightings.some(({ isReachable, isWarm }) => isReachable && isWarm) ? 'up' : 'joining';
    case 'up':
      return isSeen ? 'up' : 'suspect';
    case 'suspect':
      if (isSeen) return 'up';
      return nowMs - sinceMs >= confirmMs && nowMs >= calmUntilMs ? 'down' : 'suspect';
    case 'down':
      if (!isSeen) return 'down';
      return deaths > 1 ? 'quarantined' : 'joining';
    case 'quarantined':
      if (!isSeen) return 'down';
      return nowMs >= quarantinedUntilMs ? 'joining' : 'quarantined';
  }
}

/** How often in a row it has been lost, this time included. */
export const deathsOf = (
  { deaths, diedAtMs }: Pick<MediaServerRecord, 'deaths' | 'diedAtMs'>,
  nowMs: number,
  { flapMs }: Pick<HealthRules, 'flapMs'>,
): number => (deaths > 0 && nowMs - diedAtMs < flapMs ? deaths + 1 : 1);

export const quarantineMsOf = (
  deaths: number,
  { quarantineMs, maxQuarantineMs }: Pick<HealthRules, 'quarantineMs' | 'maxQuarantineMs'>,
): number => Math.min(maxQuarantineMs, quarantineMs * 2 ** Math.max(0, deaths - 2));
