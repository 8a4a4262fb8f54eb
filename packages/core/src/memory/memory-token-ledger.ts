import { isRevokedBy } from '../domain/token-validity.js';
import type { Revocation, TokenLedger } from '../ports/token-ledger.js';

/** TokenLedger in memory. It forgets nothing. */
export class MemoryTokenLedger implements TokenLedger {
  private readonly owners = new Map<string, string>();
  private readonly revocations: Revocation[] = [];

  async admit(order: Parameters<TokenLedger['admit']>[0]) {
    const { id, identity, isOneTime, session } = order;
    if (this.revocations.some(revocation => isRevokedBy({ identity, token: order }, revocation)))
      return 'revoked';
    if (!isOneTime || id === null) return 'admitted';
    const owner = this.owners.get(id) ?? session;
    this.owners.set(id, owner);
    return owner === session ? 'admitted' : 'used';
  }

  async giveBack({ id, session }: Parameters<TokenLedger['giveBack']>[0]): Promise<void> {
    if (this.owners.get(id) === session) this.owners.delete(id);
  }

  async revoke({ of }: Parameters<TokenLedger['revoke']>[0]): Promise<Revocation> {
    const revocation = { of, atMs: Date.now() };
    this.revocations.push(revocation);
    return revocation;
  }

  async revokedSince(sinceMs: number): Promise<Revocation[]> {
    return this.revocations.filter(({ atMs }) => atMs >= sinceMs);
  }
}
