import { randomUUID } from 'node:crypto';
import type { StoreBirth } from '@manycast/core';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';
import { RunIds } from './run-ids.js';

const birth = defineScript<'birth', object, { name: string; ageMs: number }>('birth.lua', ['birth']);

/**
 * Notices that Redis came back without its data, or without some of it: the mark that somebody left there is another's,
 * or the data is with other processes by now, which a restart or a failover may have cost the last writes.
 */
export class RedisBirth implements StoreBirth {
  private known: string | undefined;
  private readonly runIds: RunIds;

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {
    this.runIds = new RunIds(redis);
  }

  async read(): Promise<{ name: string; ageMs: number }> {
    const [{ name, ageMs }, runIds] = await Promise.all([
      birth(this.redis, { birth: this.keys.birth() }, { salt: randomUUID() }),
      guard(() => this.runIds.read()),
    ]);
    return { name: `${name}/${runIds}`, ageMs };
  }

  /** To be called at every connection; calls `restore` when the data of before is gone. Fails with what it fails with, and then knows no more than before. */
  async onLoss(restore: () => Promise<void>): Promise<void> {
    const { name } = await this.read();
    if (this.known !== undefined && name !== this.known) await restore();
    this.known = name;
  }
}
