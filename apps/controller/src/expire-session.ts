import {
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
  type Undo,
} from '@manycast/core';
import type { MediaServerUrl } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { Calm } from './calm.js';
import type { ControllerMetrics } from './controller-metrics.js';
import { isWatched, lookAtPage } from './watched-page.js';

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

/** How often a watched page is looked at. */
const WATCH_MS = 1_500;

/**
 * Ends a session whose client did not come back in time: exactly once, whoever asks (R-OWN-3). A tutorial page cannot
 * come back and need not: it is watched instead, and there for as long as its media server says so (R-OWN-4). Throws
 * SignalError `unavailable`.
 */
export async function expireSession(
  options: ExpireSessionOptions,
  expiry: Expiry,
): Promise<'done' | { againInMs: number; data?: Expiry }> {
  const { rooms, calm, metrics, reach, log, grace } = options;
  const { room, session: id, epoch } = expiry;
  // Its client could not have come back during an outage.
  if (!calm.isCalm) return { againInMs: WATCH_MS };
  const session = await rooms.session(room, id);
  if (session?.epoch === epoch && isWatched(session)) {
    const { isThere, wasHeard } = await lookAtPage(options, session, expiry.wasHeard ?? false);
    if (isThere && !wasHeard) return { againInMs: WATCH_MS };
    if (isThere)
      return {
        againInMs: WATCH_MS,
        data: expiry.wasHeard ? expiry : { room, session: id, epoch, wasHeard },
      };
  }

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
