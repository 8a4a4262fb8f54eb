import type { Cluster } from '../cluster.js';
import { type Attachment, graceMsOf, type Role } from '../domain/session.js';

/**
 * The session has lost its socket: its grace period begins, and an expiry is scheduled. Idempotent. A process that
 * dies in between leaves a detached session that a controller's reconcile loop schedules.
 */
export async function detach(cluster: Cluster, attachment: Attachment & { role: Role }): Promise<void> {
  const { rooms, expiries, reach, grace } = cluster;
  if ((await rooms.detach(attachment)) === 'fenced') return;
  await reach('detach:detached');
  const { room, session, epoch, role } = attachment;
  await expiries.schedule({ room, session, epoch }, graceMsOf(role, grace));
  await reach('detach:scheduled');
}
