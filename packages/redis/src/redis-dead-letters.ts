import type { DeadLetter, DeadLetters } from '@manycast/core';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

const bury = defineScript<'letters' | 'order', object, { dropped: number }>('dead-letter-bury.lua', [
  'letters',
  'order',
]);

export interface RedisDeadLettersOptions {
  /** Of each receiver; the oldest go. */
  kept: number;
  /** Since the last one was buried. */
  keepMs: number;
}

/** A hash of letters and a sorted set of their dates, per receiver. */
export class RedisDeadLetters implements DeadLetters {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
    private readonly options: RedisDeadLettersOptions,
  ) {}

  async bury(receiver: string, letter: DeadLetter): Promise<number> {
    const keys = { letters: this.keys.deadLetters(receiver), order: this.keys.deadLetterOrder(receiver) };
    const { id, atMs } = letter;
    const args = { id, atMs, letter: JSON.stringify(letter), ...this.options };
    return (await bury(this.redis, keys, args)).dropped;
  }

  async list(receiver: string, { limit, after }: { limit: number; after: string }) {
    const [score, last] = split(after);
    // Letters of the same ms as the last one shown are read again, and those up to it left out.
    const order = this.keys.deadLetterOrder(receiver);
    const rest: [id: string, atMs: number][] = [];
    for (let offset = 0; rest.length <= limit; ) {
      const flat = await guard(() =>
        this.redis.zrange(order, score, '+inf', 'BYSCORE', 'LIMIT', offset, limit + 1, 'WITHSCORES'),
      );
      if (flat.length === 0) break;
      offset += flat.length / 2;
      for (let i = 0; i < flat.length; i += 2) {
        const [id, atMs] = [flat[i] as string, Number(flat[i + 1])];
        if (last === undefined || atMs > Number(score) || id > last) rest.push([id, atMs]);
      }
    }
    const page = rest.slice(0, limit);
    const ids = page.map(([id]) => id);
    const found =
      ids.length > 0 ? await guard(() => this.redis.hmget(this.keys.deadLetters(receiver), ...ids)) : [];
    const [lastId, lastAtMs] = page.at(-1) ?? [];
    return {
      letters: found.filter(json => json !== null).map((json): DeadLetter => JSON.parse(json)),
      next: rest.length > limit ? `${lastAtMs}|${lastId}` : null,
    };
  }

  async read(receiver: string, id: string): Promise<DeadLetter | null> {
    const json = await guard(() => this.redis.hget(this.keys.deadLetters(receiver), id));
    return json ? JSON.parse(json) : null;
  }

  async remove(receiver: string, id: string): Promise<void> {
    // What is left of the two by a death in between is a date without a letter, which lists leave out.
    await guard(() => this.redis.hdel(this.keys.deadLetters(receiver), id));
    await guard(() => this.redis.zrem(this.keys.deadLetterOrder(receiver), id));
  }

  count(receiver: string): Promise<number> {
    return guard(() => this.redis.hlen(this.keys.deadLetters(receiver)));
  }
}

/** `next` of a page: date and id of its last letter. */
function split(after: string): [score: string, id: string | undefined] {
  const at = after.indexOf('|');
  const score = after.slice(0, at);
  return at > 0 && /^\d+$/.test(score) ? [score, after.slice(at + 1)] : ['-inf', undefined];
}
