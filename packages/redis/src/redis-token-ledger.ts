import type { Revocable, Revocation, TokenLedger } from '@manycast/core';
import { defineScript, type RedisClient } from './define-script.js';
import { guard } from './guard.js';
import type { Keys } from './keys.js';

type Order<Method extends keyof TokenLedger> = Parameters<TokenLedger[Method]>[0];
type Answer = Awaited<ReturnType<TokenLedger['admit']>>;
type LedgerKey = 'revoked' | 'revokedAt' | 'used';

const admit = defineScript<LedgerKey, object, { status: Answer }>('token-admit.lua', [
  'revoked',
  'revokedAt',
  'used',
]);
const giveBack = defineScript<'used', object, object>('token-give-back.lua', ['used']);
const revoke = defineScript<'revoked' | 'revokedAt', object, { atMs: number }>('token-revoke.lua', [
  'revoked',
  'revokedAt',
]);

/** What is remembered of join tokens, in one slot. */
export class RedisTokenLedger implements TokenLedger {
  constructor(
    private readonly redis: RedisClient,
    private readonly keys: Keys,
  ) {}

  async admit(order: Order<'admit'>): Promise<Answer> {
    const keys = { ...this.revocations(), used: this.keys.usedToken(order.id ?? '') };
    return (await admit(this.redis, keys, order)).status;
  }

  async giveBack({ id, session }: Order<'giveBack'>): Promise<void> {
    await giveBack(this.redis, { used: this.keys.usedToken(id) }, { session });
  }

  async revoke({ of, untilMs }: Order<'revoke'>): Promise<Revocation> {
    const { atMs } = await revoke(this.redis, this.revocations(), { subject: subjectOf(of), untilMs });
    return { of, atMs };
  }

  async revokedSince(sinceMs: number): Promise<Revocation[]> {
    const flat = await guard(() =>
      this.redis.zrange(this.keys.revokedAt(), sinceMs, '+inf', 'BYSCORE', 'WITHSCORES'),
    );
    return flat.flatMap((subject, index) =>
      index % 2 === 0 ? [{ of: revocableOf(subject), atMs: Number(flat[index + 1]) }] : [],
    );
  }

  private revocations = () => ({ revoked: this.keys.revoked(), revokedAt: this.keys.revokedAt() });
}

const subjectOf = (of: Revocable): string =>
  'token' in of ? `token:${of.token}` : `identity:${of.identity}`;

function revocableOf(subject: string): Revocable {
  const name = subject.slice(subject.indexOf(':') + 1);
  return subject.startsWith('token:') ? { token: name } : { identity: name };
}
