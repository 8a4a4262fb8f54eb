import {
  type DetachedSession,
  type ExpiryQueue,
  type Failpoint,
  type GracePeriods,
  graceMsOf,
  type NodeRegistry,
  type RoomStore,
} from '@manycast/core';
import type { NodeId } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { Calm } from './calm.js';
import { inParallel } from './in-parallel.js';

export interface NodeReaperOptions {
  registry: NodeRegistry;
  rooms: RoomStore;
  expiries: ExpiryQueue;
  grace: GracePeriods;
  calm: Calm;
  /** How long nodes have to renew their leases after the store could not be asked. */
  settleMs: number;
  reach: Failpoint;
  log: Logger;
}

/**
 * Clears up after nodes whose lease is over: the grace period of every session they had begins. All of it is
 * idempotent and the node is forgotten last, so several controllers may do the same and any may die in the middle.
 */
export class NodeReaper {
  /** Seen dead once: a beat and a look that were both held up by a slow store pass each other. */
  private suspects: ReadonlySet<NodeId> = new Set();

  constructor(private readonly options: NodeReaperOptions) {}

  async look(): Promise<void> {
    const { registry, calm, settleMs } = this.options;
    try {
      const expired = await registry.expired();
      const dead = expired.filter(node => this.suspects.has(node));
      this.suspects = new Set(expired);
      if (calm.isCalm) for (const node of dead) await this.reap(node);
    } catch (error) {
      // While the store is away no node can renew its lease either.
      calm.disturb(settleMs);
      throw error;
    }
  }

  private async reap(node: NodeId): Promise<void> {
    const { registry, rooms, reach, log } = this.options;
    let sessions = 0;
    await inParallel(await registry.rooms(node), 8, async room => {
      const lost = await rooms.detachNode({ room, node });
      sessions += lost.length;
      await reach('reap:detached');
      await inParallel(lost, 8, session => this.schedule(room, session));
    });
    await reach('reap:scheduled');
    await registry.forget(node);
    log.warn({ node, sessions }, 'node is dead; its sessions may be resumed elsewhere');
  }

  private schedule(
    room: Parameters<ExpiryQueue['schedule']>[0]['room'],
    { session, epoch, role, speech }: DetachedSession,
  ): Promise<void> {
    const { expiries, grace } = this.options;
    // A tutorial page cannot come back: it is watched from now on (R-OWN-4).
    return expiries.schedule({ room, session, epoch }, speech === 'tutorial' ? 0 : graceMsOf(role, grace));
  }
}
