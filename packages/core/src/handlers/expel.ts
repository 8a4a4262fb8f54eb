import type { ExpelReason } from '@manycast/protocol';
import type { Attachment, Session } from '../domain/session.js';
import type { NodeInbox } from '../ports/node-inbox.js';
import type { LeaveResult, RoomStore } from '../ports/room-store.js';
import { giveBack } from './leave.js';

export type Expelling = Parameters<typeof giveBack>[0] & { rooms: RoomStore; inbox: NodeInbox };

/** It is attached anew between being read and being ended; nobody does that this often. */
const mostTries = 8;

/**
 * Ends a session against its client's wish: a viewer's, or a presenter's and the room with it. The store comes first,
 * so that nothing of it is left whoever dies in between; then its socket is closed for good, unless the message to
 * its node is lost: a client that is not told finds its media gone and may come in anew. Idempotent. Throws
 * SignalError `unavailable`.
 */
export async function expel(
  cluster: Expelling,
  { room, session }: Pick<Attachment, 'room' | 'session'>,
  reason: ExpelReason,
): Promise<'expelled' | 'unknown'> {
  const { rooms, inbox, undo } = cluster;
  let found: Session | null = null;
  let result: LeaveResult = { status: 'fenced' };
  for (let tries = 0; result.status === 'fenced' && tries < mostTries; tries++) {
    found = await rooms.session(room, session);
    if (!found) return 'unknown';
    result = await rooms.leave({ room, session, node: found.node, epoch: found.epoch });
  }
  if (!found || result.status === 'fenced' || result.status === 'unknown') return 'unknown';
  giveBack(cluster, { room }, result);
  const { node, epoch } = found;
  undo.run('tell the expelled', () => inbox.send(node, { type: 'expelled', room, session, epoch, reason }));
  return 'expelled';
}

/** Ends a broadcast with everybody in it. Idempotent. Throws SignalError `unavailable`. */
export async function closeRoom(cluster: Expelling, room: Attachment['room']): Promise<'closed' | 'ended'> {
  const view = await cluster.rooms.read(room);
  if (view.state === 'ended' || !view.presenter) return 'ended';
  const outcome = await expel(cluster, { room, session: view.presenter }, 'room-closed');
  if (outcome === 'expelled') return 'closed';
  // A presenter without a session: nobody else could end the broadcast.
  const result = await cluster.rooms.endAbandoned({ room, generation: view.generation });
  giveBack(cluster, { room }, result);
  return result.status === 'ended' ? 'closed' : 'ended';
}
