import type { WebhookDemand } from '@manycast/core';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

const announce = defineScript<'demand', object, unknown>('demand-announce.lua', ['demand']);

/** A receiver that no controller has named for this long is not waited for any more. */
const forgetMs = 86_400_000;

/** Controllers say what is wanted every few seconds; for so long a Redis that lost it may be without. */
const lossMs = 15_000;

/**
 * Who wants to be told what, as it was when last refreshed. Until the first time, everything is kept: by every script
 * of a room that runs with these keys.
 */
export class RedisWebhookDemand implements WebhookDemand {
  private known: { receivers: string[]; wanted: Record<string, true> } | undefined;
  /** Since when nobody is named any more, though somebody was; by a clock that never goes back. */
  private emptySinceMs: number | undefined;

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
    private readonly now: () => number = () => performance.now(),
  ) {
    keys.wanted = () => this.wanted;
  }

  async announce(receivers: { id: string; sources: readonly string[] }[]): Promise<void> {
    await announce(this.redis, { demand: this.keys.demand() }, { receivers, forgetMs });
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const receivers = await guard(() => this.redis.hgetall(this.keys.demand()));
    if (this.isPerhapsLost(Object.keys(receivers).length)) return;
    const sources = Object.values(receivers).flatMap(json => Object.values<string>(JSON.parse(json).sources));
    this.known = {
      receivers: Object.keys(receivers),
      wanted: Object.fromEntries(sources.map(source => [source, true as const])),
    };
  }

  /** A Redis that came back empty does not mean that nobody wants anything. */
  private isPerhapsLost(receivers: number): boolean {
    if (receivers > 0 || !this.known?.receivers.length) {
      this.emptySinceMs = undefined;
      return false;
    }
    this.emptySinceMs ??= this.now();
    return this.now() - this.emptySinceMs < lossMs;
  }

  /** For a script's arguments. Undefined where nobody wants anything. */
  get wanted(): Record<string, true> | undefined {
    if (!this.known) return { '*': true };
    return this.known.receivers.length > 0 ? this.known.wanted : undefined;
  }

  /** Everyone who must have been told before something is forgotten; undefined while that is not known. */
  get receivers(): string[] | undefined {
    return this.known?.receivers;
  }
}
