import type { Talk } from './chat-panel.js';
import type { Problem } from './problem.js';

/**
 * The seam between the page and whatever speaks to the server: everything above it is words and buttons,
 * everything below it sockets and peer connections.
 *
 * `ended-by-server` and `problem` are told while the last picture is still there; once their handler returns,
 * the media is released. Nothing follows, but that a viewer may be `accepted` again after `ended-by-server`: until it is
 * stopped it is in the chat for as long as that is open, and watches when the presenter comes back.
 */
export type ParticipationEvent =
  /** Broadcasts only: the camera runs; `hasSound` is false on a machine without a microphone. */
  | { type: 'camera-ready'; stream: MediaStream; hasSound: boolean }
  | { type: 'accepted' }
  /** Viewers only: nobody presents yet. Not an end: the participation asks again by itself. */
  | { type: 'no-presenter' }
  | { type: 'media-connected' }
  /** Nothing arrives at the moment; followed by `media-connected` or by a problem. */
  | { type: 'media-interrupted' }
  | { type: 'stream-arrived'; stream: MediaStream }
  /** The socket is gone, the media goes on: not an end. Another socket is looked for, until `server-found`. */
  | { type: 'server-lost' }
  | { type: 'server-found' }
  | { type: 'ended-by-server' }
  | { type: 'problem'; problem: Problem };

export interface Participation {
  /** Leaves the room and gives back the camera; no event follows. Idempotent. */
  stop(): void;
  /** What is said in the room; undefined before there is a session. */
  readonly talk?: Talk | undefined;
  /** Empty while there is no connection to measure. */
  stats(): Promise<Iterable<RtcStat>>;
}

/** One entry of a browser's RTCStatsReport; which fields exist depends on `type` and on the browser. */
export interface RtcStat {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface ParticipationOrder {
  serverUrl: string;
  room: string;
  token?: string;
  onEvent: (event: ParticipationEvent) => void;
}

export type StartParticipation = (order: ParticipationOrder) => Participation;
