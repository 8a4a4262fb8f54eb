import type { CryptoKey, JWTHeaderParameters } from 'jose';

/** What is accepted: `none` is not among them, nor is anything that nobody asked for. */
export const algorithms = ['HS256', 'RS256', 'ES256', 'EdDSA'] as const;
export type Algorithm = (typeof algorithms)[number];

export const isAlgorithm = (name: unknown): name is Algorithm => algorithms.includes(name as Algorithm);

/** A key that verifies, for one algorithm: whatever a token says of itself, it is not used for another. */
export interface VerifyingKey {
  algorithm: Algorithm;
  /** Undefined: it has no name, and is tried for tokens of any `kid`. */
  id: string | undefined;
  key: CryptoKey | Uint8Array;
}

export type Header = JWTHeaderParameters & { alg: Algorithm };

/** Where keys come from. */
export interface KeySource {
  /** Those that a token of this algorithm could be signed with at all. */
  readonly algorithms: ReadonlySet<Algorithm>;
  /** The keys that may have signed it. Throws SignalError `token-keys-unavailable`. */
  keysFor(header: Header): Promise<readonly VerifyingKey[]>;
}

/** By the name in the token's header; a key without a name, or a token that names none, is matched by algorithm. */
export const mayHaveSigned =
  ({ alg, kid }: Header) =>
  ({ algorithm, id }: VerifyingKey): boolean =>
    algorithm === alg && (id === undefined || kid === undefined || id === kid);
