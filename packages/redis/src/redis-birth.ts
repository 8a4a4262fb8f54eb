import { randomUUID } from 'node:crypto';
import type { StoreBirth } from '@manycast/core';
import { defineScript, type RedisClient } from './define-script.js';
import type { Keys } from './keys.js';

const birth = defineScript<'birth', object, { name: string; ageMs: number }>('birth.lua', ['birth']);

/** Notices that Redis came back without its data: the mark that somebody left there is gone or is another's. */
export class RedisBirth implements StoreBirth {
  private known: string | undefined;

  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {}

  read(): Promise<{ name: string; ageMs: number }> {
    return birth(this.redis, { birth: this.keys.birth() }, { salt: randomUUID() });
  }

  /** To be called at every connection; calls `restore` when the data of before is gone. Fails with what it fails with, and then knows no more than before. */
  async onLoss(restore: () => Promise<void>): Promise<void> {
    const { name } = await this.read();
    if (this.known !== undefined && name !== this.known) await restore();
    this.known = name;
  }
}
