import type { Revocation } from '../ports/token-ledger.js';
import type { Grants } from './grants.js';

/** Whether the token that let a session in is good no more by its own date. */
export const isExpired = ({ token }: Pick<Grants, 'token'>, nowMs: number): boolean =>
  token != null && token.expiresAtMs <= nowMs;

/** Whether the token is one of those that were revoked. An identity's later tokens are not. */
export function isRevokedBy(
  { identity, token }: Pick<Grants, 'identity' | 'token'>,
  { of, atMs }: Revocation,
): boolean {
  if (!token) return false;
  if ('token' in of) return token.id === of.token;
  return identity === of.identity && (token.issuedAtMs ?? 0) <= atMs;
}
