import type { RoomName } from '@manycast/protocol';
import type { PresenceReport } from './ports/chat-store.js';
import type { RoomDirectory } from './ports/room-directory.js';

/**
 * Keeps the directory as the rooms are. `isThorough`: also what nobody has changed since it was told; that is for one
 * who looks after what others died over. Throws SignalError `unavailable`.
 */
export async function listRoom(
  directory: RoomDirectory,
  room: RoomName,
  report: PresenceReport,
  isThorough: boolean,
): Promise<void> {
  if (report.status === 'ended') await directory.remove(room, report.opening);
  if (report.status === 'told' || (isThorough && report.status === 'same'))
    await directory.put(room, report.card);
}
