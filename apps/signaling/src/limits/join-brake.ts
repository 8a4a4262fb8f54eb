import type { SharedRate } from '@manycast/core';

export interface JoinBrakeOptions {
  /** Joins of one address in one window, over all nodes; 0: as many as it likes. */
  max: number;
  rate: SharedRate;
  now(): number;
}

/**
 * Joins per address across nodes. An honest join does not wait for the count: it is told to the store while the join
 * goes on, and what the store says of it holds for the joins that follow. While more are being told than an address
 * may have at all, no other is begun.
 */
export class JoinBrake {
  private readonly blockedUntilMs = new Map<string, number>();
  private readonly telling = new Map<string, number>();

  constructor(private readonly options: JoinBrakeOptions) {}

  /** 0 when the address may join; otherwise for how many ms it may not. */
  take(address: string): number {
    const { max, now } = this.options;
    if (max === 0) return 0;
    const blockedForMs = (this.blockedUntilMs.get(address) ?? 0) - now();
    if (blockedForMs > 0) return blockedForMs;
    this.blockedUntilMs.delete(address);
    const telling = this.telling.get(address) ?? 0;
    if (telling >= max) return 1_000;
    this.telling.set(address, telling + 1);
    void this.tell(address);
    return 0;
  }

  private async tell(address: string): Promise<void> {
    const { rate, now } = this.options;
    const { overForMs } = await rate.add(address);
    const telling = (this.telling.get(address) ?? 0) - 1;
    if (telling > 0) this.telling.set(address, telling);
    else this.telling.delete(address);
    if (overForMs > 0) this.blockedUntilMs.set(address, now() + overForMs);
  }
}
