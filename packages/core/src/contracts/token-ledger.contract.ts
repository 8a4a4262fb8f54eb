import { randomUUID } from 'node:crypto';
import { asSessionId } from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TokenLedger } from '../ports/token-ledger.js';

export function describeTokenLedger(name: string, open: () => Promise<TokenLedger>): void {
  describe(`TokenLedger: ${name}`, () => {
    let ledger: TokenLedger;
    beforeEach(async () => {
      ledger = await open();
    });
    const session = asSessionId('first');
    const newOrder = () => ({
      id: randomUUID() as string | null,
      identity: randomUUID() as string | null,
      issuedAtMs: Date.now() - 60_000,
      expiresAtMs: Date.now() + 60_000,
      isOneTime: false,
      session,
    });
    const untilMs = Date.now() + 3_600_000;

    it('admits a token any number of times, by any session', async () => {
      const order = newOrder();
      expect(await ledger.admit(order)).toBe('admitted');
      expect(await ledger.admit({ ...order, session: asSessionId('second') })).toBe('admitted');
    });

    it('gives one that is good for one time to the first session, which may show it again', async () => {
      const order = { ...newOrder(), isOneTime: true };
      const answers = await Promise.all(
        ['a', 'b', 'c'].map(id => ledger.admit({ ...order, session: asSessionId(id) })),
      );
      expect(answers.toSorted()).toEqual(['admitted', 'used', 'used']);
      const winner = asSessionId(['a', 'b', 'c'][answers.indexOf('admitted')] as string);
      expect(await ledger.admit({ ...order, session: winner })).toBe('admitted');
    });

    it('takes it back from its session alone, for another one to use', async () => {
      const order = { ...newOrder(), isOneTime: true };
      await ledger.admit(order);
      await ledger.giveBack({ id: order.id as string, session: asSessionId('second') });
      expect(await ledger.admit({ ...order, session: asSessionId('second') })).toBe('used');
      await ledger.giveBack({ id: order.id as string, session });
      await ledger.giveBack({ id: order.id as string, session });
      expect(await ledger.admit({ ...order, session: asSessionId('second') })).toBe('admitted');
    });

    it('refuses a token that was revoked, and no other of the same identity', async () => {
      const order = newOrder();
      await ledger.revoke({ of: { token: order.id as string }, untilMs });
      expect(await ledger.admit(order)).toBe('revoked');
      expect(await ledger.admit({ ...order, isOneTime: true })).toBe('revoked');
      expect(await ledger.admit({ ...order, id: randomUUID() })).toBe('admitted');
    });

    it('refuses what was issued to an identity until it was revoked, and admits what is issued later', async () => {
      const order = newOrder();
      const { atMs } = await ledger.revoke({ of: { identity: order.identity as string }, untilMs });
      expect(await ledger.admit({ ...order, id: null })).toBe('revoked');
      expect(await ledger.admit({ ...order, issuedAtMs: null as never })).toBe('revoked');
      expect(await ledger.admit({ ...order, issuedAtMs: atMs + 1_000 })).toBe('admitted');
    });

    it('tells what was revoked since, the moment itself included', async () => {
      const first = await ledger.revoke({ of: { token: randomUUID() }, untilMs });
      const second = await ledger.revoke({ of: { identity: randomUUID() }, untilMs });
      const told = await ledger.revokedSince(first.atMs);
      expect(told).toEqual(expect.arrayContaining([first, second]));
      expect(await ledger.revokedSince(second.atMs + 1)).toEqual([]);
    });
  });
}
