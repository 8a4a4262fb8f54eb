import type { Cluster } from '../cluster.js';
import type { Attachment, Role, SessionMedia } from '../domain/session.js';
import type { MediaEngine } from '../ports/media-engine.js';
import type { PoolStore } from '../ports/pool-store.js';
import type { LeaveResult } from '../ports/room-store.js';
import type { PresenceHerald } from '../presence-herald.js';
import type { Undo } from '../undo.js';

/**
 * Ends a session: a viewer's endpoint, or a presenter's whole room, goes (R-ROOM-4, R-ROOM-5). Idempotent.
 * `known`: what this node knows the session to have. It is released also when the store knows no such session,
 * which is what a lost reply looks like the second time; never when the session is attached elsewhere. Throws
 * SignalError `unavailable` when the store cannot be asked; the releases go on in the background.
 */
export async function leave(
  cluster: Cluster,
  attachment: Attachment,
  known?: SessionMedia & { role: Role },
): Promise<void> {
  const result = await cluster.rooms.leave(attachment);
  await cluster.reach('leave:left');
  giveBack(cluster, attachment, result.status === 'unknown' ? asKnown(known) : result);
}

/** What the lost reply must have said. */
function asKnown(known: (SessionMedia & { role: Role }) | undefined): LeaveResult {
  if (!known) return { status: 'unknown' };
  const { role, generation } = known;
  return role === 'presenter'
    ? { status: 'ended', generation, media: known }
    : { status: 'left', media: known };
}

/** Releases what an ended session had, and has the others told that there is one less. */
export function giveBack(
  {
    media,
    pool,
    undo,
    presence,
  }: {
    media: Pick<MediaEngine, 'releaseEndpoint' | 'releasePipeline'>;
    pool: PoolStore;
    undo: Undo;
    presence: Pick<PresenceHerald, 'touch'>;
  },
  { room }: Pick<Attachment, 'room'>,
  result: LeaveResult,
): void {
  if (result.status === 'ended' || result.status === 'left') presence.touch(room);
  switch (result.status) {
    case 'ended': {
      const { generation, media: roomMedia, former } = result;
      if (former) undo.run('release pipeline', () => media.releasePipeline(former));
      if (roomMedia) undo.run('release pipeline', () => media.releasePipeline(roomMedia));
      undo.run('release reservation', () => pool.release({ room, generation }));
      return;
    }
    case 'left': {
      const { media: own } = result;
      if (own) undo.run('release endpoint', () => media.releaseEndpoint(own));
      return;
    }
    case 'fenced':
    case 'unknown':
  }
}
