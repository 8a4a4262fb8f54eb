import type { PoolServer, PoolStore, RelocationQueue, ServerRegistry } from '@manycast/core';
import type { Logger } from '@manycast/runtime';
import { inParallel } from '../in-parallel.js';

export interface RelocationLookOptions {
  pool: PoolStore;
  servers: ServerRegistry;
  queue: RelocationQueue;
  /** As this process knows them. */
  known(): PoolServer[];
  log: Logger;
}

/** Rooms taken up in one look; the next takes up the next. */
const mostAtOnce = 200;

/**
 * Finds the rooms that are to go on elsewhere, of lost servers and of draining ones, and has each moved once. Several
 * controllers may look at the same time: a room that is in the queue is not put there again. What is lost is listed by
 * the pool until it has another place, so that nothing is forgotten, whoever dies.
 */
export class RelocationLook {
  constructor(private readonly options: RelocationLookOptions) {}

  /** Throws SignalError `unavailable`. */
  async look(): Promise<void> {
    await this.takeUpLost();
    for (const server of this.options.known()) if (server.drain) await this.empty(server);
  }

  private async takeUpLost(): Promise<void> {
    const { pool, queue } = this.options;
    const lost = await pool.lostRooms(mostAtOnce);
    await inParallel(lost, 16, async ({ room, slots }) => {
      const held = await pool.reservation(room);
      // Since the list was read it may have been rebuilt, and its job be gone: another would find nothing to do.
      const isLost = held && !(held.isAlive && (!held.former || held.former.isAlive));
      if (isLost) await queue.schedule({ room, cause: 'lost', from: held.server, audience: slots });
    });
  }

  private async empty({ url: from, drain, rooms, sources, state }: PoolServer): Promise<void> {
    const { pool, servers, queue, log } = this.options;
    if (!drain) return;
    if (state === 'drained' && drain.isRemoval) {
      log.info({ server: from }, 'media server is empty and leaves the pool');
      // One that nobody names any more may come again; one that an operator takes out does not.
      await servers.remove(from, sources.length > 0 ? 'admin' : 'dns');
      return;
    }
    const placed = await pool.roomsOn(from, mostAtOnce);
    const { deadlineMs } = drain;
    await inParallel(placed, 16, room =>
      queue.schedule({ room, cause: 'drain', from, deadlineMs, audience: rooms }),
    );
  }
}
