import type { MediaServerUrl } from '@manycast/protocol';

/**
 * What a media server is fit for, as those who watch it say.
 *
 *   joining ──seen and warmed up──▶ up ◀──one sees it── suspect ──all have lost it for confirmMs──▶ down
 *      ▲                            └──all have lost it──▲                                           │
 *      └──its time is over── quarantined ◀──came back, and had been lost before──────────────────────┤
 *      ▲──────────────────────────────────────came back──────────────────────────────────────────────┘
 *
 * Another identity at the same address is another server: what was on the one before is lost (R-KMS-3).
 */
export type Health = 'joining' | 'up' | 'suspect' | 'down' | 'quarantined';

/** What an operator is told. A server that is to take no new rooms is `draining`, and `drained` once it has none. */
export type ServerState = Health | 'draining' | 'drained';

/** How the pool came to know a server. It stays for as long as one of them names it. */
export type ServerSource = 'static' | 'dns' | 'registrar' | 'admin';

/** Free words for placement, such as `zone=eu-1`. */
export type Labels = Readonly<Record<string, string>>;

/** What the server says of itself; null where it does not. */
export interface ServerLoad {
  endpoints: number | null;
  /** Of all its cores, 0-1. */
  cpu: number | null;
  memoryBytes: number | null;
}

export interface Drain {
  /** Unix ms: what has not moved by then is ended. */
  deadlineMs: number;
  /** The server leaves the pool once it has no room. */
  isRemoval: boolean;
}

/** A media server as the pool keeps it. */
export interface MediaServerRecord {
  url: MediaServerUrl;
  health: Health;
  /** Unix ms since which `health` is so. */
  sinceMs: number;
  /** As the server names itself; null until somebody has seen it. */
  serverId: string | null;
  /** The last names it had: who still sees one of these sees what is gone. */
  formerIds: string[];
  /** Another each time what was on it is lost: promises of an earlier one count no more. Unique in the pool. */
  incarnation: number;
  /** Endpoints it may have, as configured. */
  capacity: number;
  /** Endpoints it has shown to bear, by refusing one more; null while it refused none. */
  limit: number | null;
  /** Unix ms of the last refusal, or of the last time it was trusted with more again. */
  limitAtMs: number;
  /** Endpoints promised to rooms. */
  reserved: number;
  /** Endpoints promised to new broadcasts of late, as of `recentAtMs`; see `rampOf`. */
  recent: number;
  recentAtMs: number;
  load: ServerLoad | null;
  /** `reserved` when `load` was reported. */
  reservedAtLoad: number;
  labels: Labels;
  sources: ServerSource[];
  drain: Drain | null;
  /** How often it was lost within `flapMs` of the time before. */
  deaths: number;
  /** Unix ms; 0 when it never was. */
  diedAtMs: number;
  /** Unix ms; only while it is quarantined. */
  quarantinedUntilMs: number;
}

/** Endpoints of a server of which nobody says how many it may have. */
export const usualCapacity = 300;

export const newServer = (url: MediaServerUrl, incarnation: number, nowMs: number): MediaServerRecord => ({
  url,
  health: 'joining',
  sinceMs: nowMs,
  serverId: null,
  formerIds: [],
  incarnation,
  capacity: 0,
  limit: null,
  limitAtMs: 0,
  reserved: 0,
  recent: 0,
  recentAtMs: nowMs,
  load: null,
  reservedAtLoad: 0,
  labels: {},
  sources: [],
  drain: null,
  deaths: 0,
  diedAtMs: 0,
  quarantinedUntilMs: 0,
});

export const capacityOf = ({ capacity, limit }: Pick<MediaServerRecord, 'capacity' | 'limit'>): number =>
  limit === null ? capacity : Math.min(capacity, limit);

/** Whether new rooms may be placed on it. */
export const isOpen = ({ health, drain }: Pick<MediaServerRecord, 'health' | 'drain'>): boolean =>
  health === 'up' && drain === null;

export function stateOf({ health, drain }: MediaServerRecord, rooms: number): ServerState {
  if (drain && rooms === 0) return 'drained';
  return drain && health === 'up' ? 'draining' : health;
}

/**
 * The limit some time later: what a server refused at may have been somebody else's doing. A tenth of the configured
 * capacity more, until all of that is reached again, however little it had when it refused.
 */
export function doubted({ limit, capacity }: Pick<MediaServerRecord, 'limit' | 'capacity'>): number | null {
  if (limit === null) return null;
  const raised = limit + Math.max(1, Math.floor(capacity / 10));
  return raised >= capacity ? null : raised;
}

/** What a server can bear that refused one more endpoint: what it has, by its own count or by what was promised. */
export const limitOf = (
  server: Pick<MediaServerRecord, 'capacity' | 'limit' | 'reserved' | 'load'>,
): number => Math.max(1, Math.min(capacityOf(server), server.load?.endpoints ?? server.reserved - 1));
