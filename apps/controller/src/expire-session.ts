import {
  type EndpointRef,
  type Expiry,
  type Failpoint,
  type GracePeriods,
  giveBack,
  graceMsOf,
  type MediaEngine,
  type MediaInspector,
  type PoolStore,
  type PresenceHerald,
  type RoomStore,
  type Session,
  type Undo,
} from '@manycast/core';
import { type MediaServerUrl, SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { Calm } from './calm.js';
import type { ControllerMetrics } from './controller-metrics.js';

export interface ExpireSessionOptions {
  rooms: RoomStore;
  pool: PoolStore;
  media: Pick<MediaEngine, 'releaseEndpoint' | 'releasePipeline'>;
  inspector: MediaInspector;
  undo: Undo;
  presence: Pick<PresenceHerald, 'touch'>;
  /** What was on that media server is lost. */
  isLost(server: MediaServerUrl): boolean;
  grace: GracePeriods;
  calm: Calm;
  metrics: ControllerMetrics;
  reach: Failpoint;
  log: Logger;
}

/** How often an endpoint is asked whether its client is still there. */
const WATCH_MS = 1_500;

/**
 * Ends a session whose client did not come back in time: exactly once, whoever asks (R-OWN-3). A tutorial page cannot
 * come back and need not: as long as its endpoint is connected it is there (R-OWN-4). Throws SignalError
 * `unavailable`.
 */
export async function expireSession(
  options: ExpireSessionOptions,
  { room, session: id, epoch }: Expiry,
): Promise<'done' | { againInMs: number }> {
  const { rooms, calm, metrics, reach, log, grace } = options;
  // Its client could not have come back during an outage.
  if (!calm.isCalm) return { againInMs: WATCH_MS };
  const session = await rooms.session(room, id);
  if (session && session.epoch === epoch && (await isStillThere(options, session)))
    return { againInMs: WATCH_MS };

  const graceMs = session && !isWatched(session) ? graceMsOf(session.role, grace) : 0;
  const result = await rooms.expire({ room, session: id, epoch, graceMs });
  if (result.status === 'not-yet') return { againInMs: result.dueInMs };
  metrics.expiries.inc({ outcome: result.status });
  if (result.status === 'attached') return 'done';
  await reach('expiry:expired');
  giveBack(options, { room }, result);
  if (result.status !== 'unknown')
    log.info(
      { room, session: id, trace: session?.trace, role: session?.role, outcome: result.status },
      'session expired',
    );
  return 'done';
}

const isWatched = ({ speech, detachedAtMs }: Session): boolean =>
  speech === 'tutorial' && detachedAtMs !== null;

async function isStillThere({ inspector, isLost }: ExpireSessionOptions, session: Session): Promise<boolean> {
  if (!isWatched(session) || !session.media) return false;
  const ref: EndpointRef = session.media;
  if (isLost(ref.server)) return false;
  try {
    return await inspector.isConnected(ref);
  } catch (thrown) {
    const error = SignalError.from(thrown);
    if (error.code === 'media-gone') return false;
    // A media server that cannot be asked is not a client that left.
    if (error.code === 'media-unavailable') return true;
    throw error;
  }
}
