import type { Delivery, DeliveryLog } from '../ports/delivery-log.js';

/** That of one process, for fast tests. */
export class MemoryDeliveryLog implements DeliveryLog {
  private readonly deliveries = new Map<string, Delivery[]>();

  constructor(private readonly options: { kept: number }) {}

  async write(receiver: string, delivery: Delivery): Promise<void> {
    const all = [delivery, ...(this.deliveries.get(receiver) ?? [])];
    this.deliveries.set(receiver, all.slice(0, this.options.kept));
  }

  async read(receiver: string, { limit, after }: { limit: number; after: string }) {
    const from = Number(after || 0);
    const all = this.deliveries.get(receiver) ?? [];
    const deliveries = all.slice(from, from + limit);
    return { deliveries, next: all.length > from + limit ? String(from + limit) : null };
  }
}
