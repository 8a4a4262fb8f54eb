import type { SessionId } from '@manycast/protocol';

/** What is revoked: one token, by its `jti`, or every token that was issued to somebody until then. */
export type Revocable = { token: string } | { identity: string };

export interface Revocation {
  of: Revocable;
  /** Unix ms by the store's clock. */
  atMs: number;
}

/** What has to be remembered of join tokens across nodes. Throws SignalError `unavailable` when it cannot be asked. */
export interface TokenLedger {
  /**
   * May this session use the token? One that is good for one time belongs from then on to the session that showed it
   * first, which may show it again. Atomic.
   */
  admit(order: {
    /** The token's. */
    id: string | null;
    identity: string | null;
    issuedAtMs: number | null;
    expiresAtMs: number;
    isOneTime: boolean;
    session: SessionId;
  }): Promise<'admitted' | 'used' | 'revoked'>;

  /** The session came to nothing: a token for one time is good again. Idempotent. */
  giveBack(order: { id: string; session: SessionId }): Promise<void>;

  /** Remembered until `untilMs`: when the last token concerned has expired by itself. A later revocation replaces it. */
  revoke(order: { of: Revocable; untilMs: number }): Promise<Revocation>;

  /** The revocations made at or after `sinceMs`, oldest first; those that are over may be missing. */
  revokedSince(sinceMs: number): Promise<Revocation[]>;
}
