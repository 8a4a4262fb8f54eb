import type { MediaServerUrl } from '@manycast/protocol';
import type {
  Labels,
  MediaServerRecord,
  ServerLoad,
  ServerSource,
  ServerState,
} from '../domain/media-server.js';

/**
 * Which media servers there are, and what those who watch them say. Every method is one atomic step and idempotent.
 * Throws SignalError `unavailable` when it cannot be asked.
 */
export interface ServerRegistry {
  /**
   * Makes servers known as `source` names them, or changes capacity and labels. One that an operator has removed stays
   * removed until an operator adds it again.
   */
  add(source: ServerSource, servers: NewServer[]): Promise<void>;

  /** The source names a server no more. One that nobody names is drained and leaves; one that is lost is forgotten. */
  withdraw(source: ServerSource, server: MediaServerUrl, drainMs: number): Promise<void>;

  /** No new rooms, from now on; what is there moves, and what cannot is ended after `drainMs`. Again: another deadline. */
  drain(server: MediaServerUrl, drainMs: number, opts?: { isRemoval?: boolean }): Promise<ServerStanding>;

  /** New rooms again. */
  undrain(server: MediaServerUrl): Promise<ServerStanding>;

  /** Takes it out now, and counts its rooms as lost; `drain` with `isRemoval` is the kind way. */
  remove(server: MediaServerUrl, source: ServerSource): Promise<ServerStanding>;

  /**
   * How `observer` finds the servers it watches: what has changed since its last call, or all of it when it was told
   * `isNew`. It can speak for `leaseMs`; who is silent for longer has no say. Whatever follows from it happens at once.
   */
  observe(order: { observer: string; leaseMs: number; sightings: ServerSighting[] }): Promise<Observed>;

  /** Puts back what a Redis that came back empty has forgotten of a server. Nothing known is overwritten. */
  restore(servers: PoolServer[]): Promise<void>;

  /** Calls after a change of the servers: at most once each, so a look now and then is needed as well. Returns what ends it. */
  onChange(listener: () => void): () => void;
}

export interface NewServer {
  url: MediaServerUrl;
  /** Endpoints it may have; without it what is known, or `usualCapacity`. */
  capacity?: number;
  /** Without them what is known. */
  labels?: Labels;
}

export interface ServerSighting {
  server: MediaServerUrl;
  isReachable: boolean;
  /** Of whom it saw, or saw last. */
  serverId: string | null;
  isWarm: boolean;
  load?: ServerLoad;
}

export interface Observed {
  /** The pool did not know this observer: it should say again how it finds each server. */
  isNew: boolean;
  /** Servers that this observer is to warm up before they take rooms. */
  warmUp: MediaServerUrl[];
  /** Another than before: servers have changed. */
  version: string;
  /** Names this filling of the store; another than before means that all servers were forgotten in between. */
  birth: string;
}

export type ServerStanding = { status: 'done'; state: ServerState } | { status: 'unknown' };

export interface PoolServer extends Omit<MediaServerRecord, 'reservedAtLoad' | 'recent' | 'recentAtMs'> {
  state: ServerState;
  /** With a promise on it. */
  rooms: number;
  /** How those who can speak find it. */
  observers: { reachable: number; lost: number };
}
