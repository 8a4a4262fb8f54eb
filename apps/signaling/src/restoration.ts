import type { PoolStore, RoomStore, ServedRooms, Undo } from '@manycast/core';
import type { Logger } from '@manycast/runtime';
import type { Participation } from './participation.js';

export interface RestorationOptions {
  rooms: RoomStore;
  pool: PoolStore;
  served: ServedRooms;
  undo: Undo;
  participations(): Iterable<Participation>;
  log: Logger;
}

/** Puts back what this node knows after Redis came back empty (R-REDIS-2). What is newer there stays. */
export async function restoreAll({
  rooms,
  pool,
  served,
  undo,
  participations,
  log,
}: RestorationOptions): Promise<void> {
  await served.enterAgain();
  const restored: Promise<void>[] = [];
  let count = 0;
  for (const participation of participations()) {
    const record = participation.record();
    if (!record) continue;
    count += 1;
    const { room, session, media } = record;
    const { generation, server } = media;
    restored.push(
      undo.run('restore session', () => rooms.restore(record)),
      undo.run('restore reservation', () => pool.restore({ room, generation, server, slots: record.slots })),
    );
    log.debug({ room, session }, 'putting back');
  }
  await Promise.all(restored);
  log.warn({ sessions: count }, 'Redis had lost its data: sessions put back');
}
