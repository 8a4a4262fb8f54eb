import type { NodeRegistry } from '@manycast/core';
import type { NodeId } from '@manycast/protocol';
import type { Logger, Service } from '@manycast/runtime';

export interface LeaseOptions {
  registry: NodeRegistry;
  node: NodeId;
  leaseMs: number;
  publicUrl: string | undefined;
  /** The cluster may have taken this node for dead, and its sessions for detached. Tried again until it succeeds. */
  onDoubted(): Promise<void>;
  log: Logger;
}

/** Tells the cluster that this node lives. When it has not been told for a lease, controllers take its sessions for detached. */
export class Lease implements Service {
  readonly name = 'lease';
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  /** As of the last beat; said once when it is not. */
  private isHeld = true;
  /** Grows with every beat that failed or came too late; answered up to `answered`. */
  private doubts = 0;
  private answered = 0;
  private isAnswering = false;
  /** Where clients find the nodes that live, as of the last beat. */
  addresses: string[] = [];

  constructor(private readonly options: LeaseOptions) {}

  async start(): Promise<void> {
    this.isStopped = false;
    void this.beatOn();
  }

  /** Three beats in a lease; after one that failed the next comes ten times as soon. */
  private async beatOn(): Promise<void> {
    const { leaseMs } = this.options;
    const isRenewed = await this.beat();
    if (this.isStopped) return;
    this.timer = setTimeout(() => this.beatOn(), isRenewed ? leaseMs / 3 : leaseMs / 30);
  }

  /** Gives the lease back, so that nobody waits for its end. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.options.registry.beat(this.options.node, 0).catch(() => {});
  }

  /** Whether the lease was renewed. Never rejects. */
  async beat(): Promise<boolean> {
    const { registry, node, leaseMs, publicUrl, log } = this.options;
    try {
      if ((await registry.beat(node, leaseMs, publicUrl)) === 'begun') this.doubts += 1;
      if (publicUrl) this.addresses = await registry.addresses();
    } catch (error) {
      // What became of it is unknown: the next one may find the lease renewed by this one.
      this.doubts += 1;
      if (this.isHeld) log.warn({ err: error }, 'lease not renewed; trying on');
      this.isHeld = false;
      return false;
    }
    this.isHeld = true;
    await this.answerDoubts();
    return true;
  }

  private async answerDoubts(): Promise<void> {
    const { doubts } = this;
    if (doubts === this.answered || this.isAnswering) return;
    this.isAnswering = true;
    try {
      await this.options.onDoubted();
      this.answered = doubts;
    } catch (error) {
      this.options.log.warn({ err: error }, 'sessions not held yet');
    } finally {
      this.isAnswering = false;
    }
  }
}
