import type { OpeningOptions, RoomPattern } from '@manycast/protocol';
import type { Role } from '../domain/session.js';

/** What a join token says. Dates are Unix ms. */
export interface JoinToken {
  /** Its `jti`: what it is revoked by, and what is remembered of one that is good for one time. */
  id: string | null;
  /** Who it was issued to, as the application names its users. */
  identity: string | null;
  /** What others are shown. */
  name: string | null;
  rooms: RoomPattern;
  roles: readonly Role[];
  isModerator: boolean;
  mayChat: boolean;
  /** Of a room that it is used to open. */
  options?: OpeningOptions;
  /** Only the first session that shows it is let in. Never without an `id`. */
  isOneTime: boolean;
  issuedAtMs: number | null;
  expiresAtMs: number;
}

/** Reads join tokens. Every key is good for one algorithm, so a public key is never taken for a secret. */
export interface JoinTokens {
  /**
   * Throws SignalError: `token-malformed`, `token-algorithm`, `token-key-unknown`, `token-signature`, `token-foreign`
   * (issuer or audience), `token-too-early`, `token-expired`, `token-keys-unavailable`.
   */
  verify(token: string): Promise<JoinToken>;
}
