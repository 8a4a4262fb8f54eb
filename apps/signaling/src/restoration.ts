import type { ServedRooms, StoreLosses, Undo } from '@manycast/core';
import type { Logger } from '@manycast/runtime';
import type { Connection } from './connection.js';

export interface RestorationOptions {
  served: ServedRooms;
  undo: Undo;
  connections(): Iterable<Connection>;
  log: Logger;
}

/** How long nodes and controllers may need to put back what was live (R-REDIS-2). */
const rebuildMs = 10_000;

/** Puts back what this node knows after Redis came back empty. What is newer there stays. */
export class Restoration implements StoreLosses {
  count = 0;
  private lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: RestorationOptions) {}

  get isRecent(): boolean {
    return performance.now() - this.lastAtMs < rebuildMs;
  }

  /** To be called when the data of before is gone. Throws SignalError `unavailable` when nothing could be put back. */
  async run(): Promise<void> {
    const { served, undo, connections, log } = this.options;
    this.count += 1;
    this.lastAtMs = performance.now();
    await served.enterAgain();
    const present = [...connections()].filter(connection => connection.present);
    await Promise.all(present.map(connection => undo.run('restore session', () => connection.putBack())));
    log.warn({ sessions: present.length }, 'Redis had lost its data: sessions put back');
  }
}
