import type { Delivery, DeliveryLog } from '@manycast/core';
import type { RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

export interface RedisDeliveryLogOptions {
  /** Of each receiver, about. */
  kept: number;
  /** Since the last one was written. */
  keepMs: number;
}

/** A bounded stream per receiver. */
export class RedisDeliveryLog implements DeliveryLog {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
    private readonly options: RedisDeliveryLogOptions,
  ) {}

  async write(receiver: string, delivery: Delivery): Promise<void> {
    const key = this.keys.deliveryLog(receiver);
    const { kept, keepMs } = this.options;
    await guard(() =>
      Promise.all([
        this.redis.xadd(key, 'MAXLEN', '~', kept, '*', 'delivery', JSON.stringify(delivery)),
        this.redis.pexpire(key, keepMs),
      ]),
    );
  }

  async read(receiver: string, { limit, after }: { limit: number; after: string }) {
    const from = /^\d+-\d+$/.test(after) ? `(${after}` : '+';
    const key = this.keys.deliveryLog(receiver);
    const entries = await guard(() => this.redis.xrevrange(key, from, '-', 'COUNT', limit + 1));
    const page = entries.slice(0, limit);
    return {
      deliveries: page.map(([, [, json]]): Delivery => JSON.parse(json ?? '{}')),
      next: entries.length > limit ? (page.at(-1)?.[0] ?? null) : null,
    };
  }
}
