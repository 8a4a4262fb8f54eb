import type { SharedRate } from '@manycast/core';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RedisClient } from './define-script.js';
import type { Keys } from './keys.js';

export interface RedisSharedRateOptions {
  /** What is counted; part of its keys. */
  what: string;
  max: number;
  windowS: number;
}

/** Windows in Redis; while that is away each node counts for itself. */
export class RedisSharedRate implements SharedRate {
  private readonly limiter: RateLimiterRedis;

  constructor(
    redis: RedisClient,
    keys: Keys,
    { what, max: points, windowS: duration }: RedisSharedRateOptions,
  ) {
    this.limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: keys.ratePrefix(what),
      points,
      duration,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory({ points, duration }),
    });
  }

  async add(key: string): Promise<{ overForMs: number }> {
    try {
      await this.limiter.consume(key);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return { overForMs: Math.max(1, refusal.msBeforeNext) };
    }
    return { overForMs: 0 };
  }
}
