import type { ServedRooms } from '@manycast/core';
import type { Connection } from './connection.js';

export interface ReaffirmationOptions {
  served: ServedRooms;
  connections(): Iterable<Connection>;
}

/** Sessions asked after at a time. */
const CONCURRENCY = 32;

/**
 * This node was silent for longer than its lease, or may have been: says which sessions are still attached here,
 * before their grace periods are over, and lets go of those that are not (R-OWN-1). Throws SignalError
 * `unavailable`.
 */
export async function reaffirmAll({ served, connections }: ReaffirmationOptions): Promise<void> {
  await served.enterAgain();
  const waiting = [...connections()].values();
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (const connection of waiting) await connection.reaffirm();
    }),
  );
}
