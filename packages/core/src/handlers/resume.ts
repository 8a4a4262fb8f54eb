import { SignalError } from '@manycast/protocol';
import type { Attempt } from '../attempt.js';
import type { Cluster } from '../cluster.js';
import { type Grants, openGrants } from '../domain/grants.js';
import type { Attachment, Role, SessionMedia } from '../domain/session.js';
import type { Subscription } from '../ports/room-events.js';
import type { EventLog, RoomSummary } from '../ports/room-store.js';
import { leave } from './leave.js';

export type ResumeOutcome =
  | {
      type: 'resumed';
      epoch: number;
      role: Role;
      grants: Grants;
      trace: string;
      media: SessionMedia | null;
      room: RoomSummary;
      log: EventLog;
      /** The media of before is of no use: unfinished, not connected, gone, or of an older generation (R-OWN-5). */
      renegotiate: boolean;
      subscription: Subscription;
    }
  | { type: 'rejected'; error: SignalError };

/**
 * Attaches a session to this node and takes its endpoint over. `attempt.epoch` is the token's. From the attach on
 * the former socket is fenced; a failure after it leaves the session attached here, and its client offers again.
 */
export async function resume(cluster: Cluster, attempt: Attempt, seq: number): Promise<ResumeOutcome> {
  const { room, session, node, epoch: tokenEpoch } = attempt;
  const { rooms, served, reach } = cluster;
  let subscription: Subscription | undefined;
  try {
    subscription = await served.enter(room, attempt.onRoomEvent.bind(attempt));
    const attached = await rooms.attach({ room, session, node, tokenEpoch, seq });
    if (attached.status === 'unknown') {
      // Its node, or a controller, may be about to put it back (R-REDIS-2).
      if (cluster.losses.isRecent) throw new SignalError('unavailable', { retryAfterMs: 500 });
      throw new SignalError('session-unknown');
    }
    if (attached.status === 'bad-token') throw new SignalError('bad-token');
    await reach('resume:attached');
    if (attached.role === 'presenter') cluster.presence.touch(room);
    const { epoch, role, media, room: summary, log } = attached;
    // A record of the release before has none.
    const grants = attached.grants ?? openGrants;
    await mayGoOn(cluster, { room, session, node, epoch }, attached, grants);
    const isCurrent =
      media !== null && (media.generation === summary.generation || summary.state === 'starting');
    const isConnected = isCurrent && (await takeOver(cluster, attempt, media));
    await reach('resume:adopted');
    return {
      type: 'resumed',
      epoch,
      role,
      grants,
      trace: attached.trace ?? attempt.trace,
      media,
      room: summary,
      log,
      renegotiate: !isConnected,
      subscription,
    };
  } catch (error) {
    subscription?.close();
    return { type: 'rejected', error: SignalError.from(error) };
  }
}

/** A session whose token is good no more ends here. Throws SignalError `token-…` or `unavailable`. */
async function mayGoOn(
  cluster: Cluster,
  attachment: Attachment,
  { role, media }: { role: Role; media: SessionMedia | null },
  grants: Grants,
): Promise<void> {
  try {
    await cluster.authorizer.goOn(grants, attachment.room, attachment.session);
  } catch (thrown) {
    const error = SignalError.from(thrown);
    if (error.code !== 'unavailable')
      cluster.undo.run('leave', () => leave(cluster, attachment, media ? { ...media, role } : undefined));
    throw error;
  }
}

/** False when there is nothing there that plays. A media server that does not answer just now, or has too much to do, may well play. */
async function takeOver(cluster: Cluster, attempt: Attempt, media: SessionMedia): Promise<boolean> {
  const { undo } = cluster;
  const order = { ...media, onEvent: attempt.onEndpointEvent.bind(attempt) };
  try {
    return (await cluster.media.adopt(order)).isConnected;
  } catch (thrown) {
    const { code } = SignalError.from(thrown);
    if (code !== 'media-unavailable' && code !== 'overloaded') return false;
    undo.run('adopt endpoint', async () => attempt.signal.aborted || cluster.media.adopt(order));
    return true;
  }
}
