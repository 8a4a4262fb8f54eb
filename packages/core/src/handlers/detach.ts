import type { RoomName, SessionId, Speech } from '@manycast/protocol';
import type { Cluster } from '../cluster.js';
import { type Attachment, graceMsOf, type Role } from '../domain/session.js';

/**
 * The session has lost its socket: its grace period begins, and an expiry is scheduled. Idempotent. A process that
 * dies in between leaves a detached session that a controller's reconcile loop schedules.
 */
export async function detach(
  cluster: Cluster,
  attachment: Attachment & { role: Role; speech: Speech },
): Promise<void> {
  const { rooms, expiries, reach, grace } = cluster;
  if ((await rooms.detach(attachment)) === 'fenced') return;
  await reach('detach:detached');
  if (attachment.role === 'presenter') cluster.presence.touch(attachment.room);
  const { room, session, epoch, role, speech } = attachment;
  // A tutorial page cannot come back: a controller watches its endpoint instead, from now on (R-OWN-4).
  const delayMs = speech === 'tutorial' ? 0 : graceMsOf(role, grace);
  await expiries.schedule({ room, session, epoch }, delayMs);
  await reach('detach:scheduled');
}

/**
 * A resume that failed half-way may have attached the session to this node, where no socket carries it. Its grace
 * period begins, unless it was resumed here meanwhile (`isCarried`) or elsewhere. Idempotent; throws SignalError
 * `unavailable`.
 */
export async function detachUncarried(
  cluster: Cluster,
  { room, session: id }: { room: RoomName; session: SessionId },
  isCarried: () => boolean,
): Promise<void> {
  const { rooms, node } = cluster;
  const session = await rooms.session(room, id);
  if (!session || session.node !== node || session.detachedAtMs !== null || isCarried()) return;
  const { epoch, role, speech } = session;
  await detach(cluster, { room, session: id, node, epoch, role, speech });
}
