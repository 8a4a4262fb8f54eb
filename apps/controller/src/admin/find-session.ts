import type { Session } from '@manycast/core';
import type { RoomName, SessionId } from '@manycast/protocol';
import { inParallel } from '../in-parallel.js';
import type { AdminPorts } from './admin-ports.js';

/**
 * A session's record is with its room, and no index leads from one to the other: it would cost every join and every
 * leave one more write in another slot, for a question that operators ask a few times a day. So every room that
 * exists is asked for it, 32 at a time, unless the caller knows the room.
 */
export async function findSession(
  { rooms, pool, registry }: AdminPorts,
  id: SessionId,
  room?: RoomName,
): Promise<{ room: RoomName; session: Session } | null> {
  const names = new Set<RoomName>(room ? [room] : (await pool.reservations()).map(each => each.room));
  if (!room) {
    // Rooms in which somebody is only arriving have no reservation yet.
    for (const node of await registry.live()) for (const name of await registry.rooms(node)) names.add(name);
  }
  let found: { room: RoomName; session: Session } | null = null;
  await inParallel(names, 32, async name => {
    if (found) return;
    const session = await rooms.session(name, id);
    if (session) found = { room: name, session };
  });
  return found;
}
