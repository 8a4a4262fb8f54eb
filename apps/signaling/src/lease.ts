import type { NodeRegistry } from '@manycast/core';
import type { NodeId } from '@manycast/protocol';
import type { Logger, Service } from '@manycast/runtime';

export interface LeaseOptions {
  registry: NodeRegistry;
  node: NodeId;
  leaseMs: number;
  publicUrl: string | undefined;
  log: Logger;
}

/** Tells the cluster that this node lives. When it has not been told for a lease, controllers take its sessions for detached. */
export class Lease implements Service {
  readonly name = 'lease';
  private timer: NodeJS.Timeout | undefined;
  /** Where clients find the nodes that live, as of the last beat. */
  addresses: string[] = [];

  constructor(private readonly options: LeaseOptions) {}

  async start(): Promise<void> {
    this.beat();
    this.timer = setInterval(() => this.beat(), this.options.leaseMs / 3);
  }

  /** Gives the lease back, so that nobody waits for its end. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.options.registry.beat(this.options.node, 0).catch(() => {});
  }

  private beat(): void {
    const { registry, node, leaseMs, publicUrl, log } = this.options;
    registry
      .beat(node, leaseMs, publicUrl)
      .then(async () => {
        if (publicUrl) this.addresses = await registry.addresses();
      })
      .catch(error => log.warn({ code: error.code }, 'lease not renewed'));
  }
}
