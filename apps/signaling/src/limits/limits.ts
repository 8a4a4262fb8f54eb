import type { PresentingRooms, SharedRate } from '@manycast/core';
import { type ErrorCode, SignalError } from '@manycast/protocol';
import { type Counter, type Gauge, type Logger, TurnedAway, Turnstile } from '@manycast/runtime';
import { type AddressOf, clientAddress } from './client-address.js';
import { CountByKey } from './count-by-key.js';
import { JoinBrake } from './join-brake.js';
import { Overload, type Work } from './overload.js';

/** Every limit that turns something away, as the metric `manycast_limited_total` names it. */
export const limitNames = [
  'sockets-per-node',
  'sockets-per-address',
  'connections-per-address',
  'sessions-per-node',
  'sessions-per-identity',
  'rooms-per-identity',
  'handshake-time',
  'first-message-time',
  'frame-size',
  'sdp-size',
  'candidates',
  'message-rate',
  'errors',
  'join-rate',
  'buffer',
  'memory',
  'overload',
] as const;
export type Limit = (typeof limitNames)[number];

/** The codes that say that a limit was met. */
const limitOfCode: Partial<Record<ErrorCode, Limit>> = {
  'too-large': 'sdp-size',
  'too-many-candidates': 'candidates',
  'too-many-messages': 'message-rate',
  'too-many-joins': 'join-rate',
  'too-many-sessions': 'sessions-per-identity',
  'too-many-rooms': 'rooms-per-identity',
  'node-full': 'sessions-per-node',
  overloaded: 'overload',
};

export interface LimitSettings {
  maxSocketsPerAddress: number;
  maxSessionsPerIdentity: number;
  maxRoomsPerIdentity: number;
  maxJoinsPerAddress: number;
  maxMemoryMb: number;
  maxLagMs: number;
  maxBusyPercent: number;
  trustedProxies: readonly string[];
}

export interface Limits {
  addressOf: AddressOf;
  socketsByAddress: CountByKey;
  sessionsByIdentity: CountByKey;
  rooms: PresentingRooms;
  maxRoomsPerIdentity: number;
  overload: Overload;
  /** Why work of this kind is not begun now. Media that plays is no work of any kind. */
  refusalOf(work: Work): SignalError | undefined;
  refusalOfJoin(address: string): SignalError | undefined;
  /** Resumes under way on this node: those that are begun are done soon, whoever else has come meanwhile. */
  resumes: Turnstile;
  /** Resumes in turn; throws SignalError `overloaded` when there is none in time. Nothing has been done then. */
  inTurn<T>(resume: () => Promise<T>): Promise<T>;
  /** Something was turned away. */
  count(limit: Limit): void;
  /** The same, where the code of a refusal says which limit it was. */
  countRefusal(code: ErrorCode): void;
}

export function createLimits(
  settings: LimitSettings,
  {
    rate,
    rooms,
    metrics,
    log,
  }: {
    rate: SharedRate;
    rooms: PresentingRooms;
    metrics: { limited: Counter<'limit'>; overloadLevel: Gauge; eventLoopLag: Gauge; eventLoopBusy: Gauge };
    log: Logger;
  },
): Limits {
  const count = (limit: Limit) => metrics.limited.inc({ limit });
  const joins = new JoinBrake({ max: settings.maxJoinsPerAddress, rate, now: Date.now });
  const overload = new Overload({ ...settings, metrics, log });
  const resumes = new Turnstile(resumesAtOnce);
  const { maxRoomsPerIdentity } = settings;
  return {
    resumes,
    inTurn: resume =>
      resumes.pass(0, resume).catch(error => {
        if (!(error instanceof TurnedAway)) throw error;
        throw new SignalError('overloaded', { retryAfterMs: spreadMs() });
      }),
    refusalOf: work =>
      overload.refuses(work) ? new SignalError('overloaded', { retryAfterMs: spreadMs() }) : undefined,
    refusalOfJoin: address => {
      const retryAfterMs = joins.take(address);
      return retryAfterMs > 0 ? new SignalError('too-many-joins', { retryAfterMs }) : undefined;
    },
    addressOf: clientAddress(settings.trustedProxies),
    socketsByAddress: new CountByKey(settings.maxSocketsPerAddress),
    sessionsByIdentity: new CountByKey(settings.maxSessionsPerIdentity),
    rooms,
    maxRoomsPerIdentity,
    overload,
    count,
    countRefusal: code => {
      const limit = limitOfCode[code];
      if (limit) count(limit);
    },
  };
}

/** Clients wait 12 s for an answer: who has it by then needs no second handshake. */
const resumesAtOnce = { targetMs: 1_000, maxWaitMs: 10_000, first: 64, least: 8, most: 1_000 };

/** So that those who were refused together do not come back together. */
const spreadMs = () => 2_000 + Math.round(Math.random() * 6_000);
