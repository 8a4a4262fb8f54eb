import { randomUUID } from 'node:crypto';
import type { RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

/** Notices that Redis came back without its data: the mark that somebody left there is gone or is another's. */
export class RedisBirth {
  private known: string | undefined;

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {}

  /** To be called at every connection; calls `restore` when the data of before is gone. Fails with what it fails with, and then knows no more than before. */
  async onLoss(restore: () => Promise<void>): Promise<void> {
    const key = this.keys.birth();
    const mark = await guard(async () => {
      await this.redis.set(key, randomUUID(), 'NX');
      return await this.redis.get(key);
    });
    if (this.known !== undefined && mark !== this.known) await restore();
    this.known = mark ?? undefined;
  }
}
