import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { RedisClient } from './define-script.js';
import type { Keys } from './keys.js';
import type { RelayMetrics } from './relay-metrics.js';

/**
 * Measures what messages between processes take, by sending some to itself: the same way, and one clock. Those that
 * are lost in an outage are not counted; Redis's own state tells of it.
 */
export class RelayProbe {
  private readonly channel: string;
  private readonly sentAtMs = new Map<string, number>();

  constructor(
    private readonly commands: RedisClient,
    private readonly subscriber: Redis,
    keys: Keys,
    private readonly metrics: Pick<RelayMetrics, 'lagSeconds'>,
  ) {
    this.channel = keys.probeChannel(randomUUID());
    subscriber.on('message', (name: string, id: string) => {
      if (name === this.channel) this.arrived(id);
    });
  }

  /** One message. Rejects when Redis is away. */
  async send(): Promise<void> {
    // Idempotent, and needed again after a reconnection.
    await this.subscriber.subscribe(this.channel);
    this.sentAtMs.clear();
    const id = randomUUID();
    this.sentAtMs.set(id, performance.now());
    await this.commands.publish(this.channel, id);
  }

  private arrived(id: string): void {
    const sentAtMs = this.sentAtMs.get(id);
    this.sentAtMs.delete(id);
    if (sentAtMs !== undefined) this.metrics.lagSeconds.observe((performance.now() - sentAtMs) / 1_000);
  }
}
