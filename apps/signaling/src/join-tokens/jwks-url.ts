import { SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import {
  type CryptoKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type FlattenedJWSInput,
  type JWTVerifyGetKey,
} from 'jose';
import type { Algorithm, Header, KeySource, VerifyingKey } from './key-source.js';

export interface JwksUrlOptions {
  url: string;
  /** A key that was taken out there is good here for this long at most. */
  maxAgeMs: number;
  log: Logger;
}

/** An unknown `kid` is a reason to ask again, but not for each of a thousand forged tokens. */
const cooldownMs = 10_000;
const timeoutMs = 5_000;
/** For how long the keys of before serve while the address does not answer. */
const outlivesMs = 24 * 3_600_000;

/** Public keys at an address (RFC 7517). Secrets are not taken from there: whoever reads them could sign. */
export class JwksUrl implements KeySource {
  readonly algorithms: ReadonlySet<Algorithm> = new Set(['RS256', 'ES256', 'EdDSA']);
  private readonly remote: ReturnType<typeof createRemoteJWKSet>;
  private answeredAtMs = 0;
  private failedAtMs = 0;

  constructor(private readonly options: JwksUrlOptions) {
    this.remote = createRemoteJWKSet(new URL(options.url), {
      cacheMaxAge: options.maxAgeMs,
      cooldownDuration: cooldownMs,
      timeoutDuration: timeoutMs,
    });
  }

  async keysFor(header: Header): Promise<readonly VerifyingKey[]> {
    if (!this.algorithms.has(header.alg)) return [];
    const keys = this.isResting() ? await this.keysOfBefore(header) : await this.fetched(header);
    return keys.map(key => ({ algorithm: header.alg, id: header.kid, key }));
  }

  private async fetched(header: Header): Promise<CryptoKey[]> {
    const { log, url } = this.options;
    try {
      const keys = await matching(this.remote, header);
      this.answeredAtMs = Date.now();
      return keys;
    } catch (cause) {
      this.failedAtMs = Date.now();
      log.warn({ err: cause, url }, 'join keys cannot be fetched');
      return this.keysOfBefore(header, cause);
    }
  }

  private keysOfBefore(header: Header, cause?: unknown): Promise<CryptoKey[]> {
    const known = this.remote.jwks();
    if (!known || Date.now() - this.answeredAtMs > outlivesMs)
      throw new SignalError('token-keys-unavailable', { cause, retryAfterMs: cooldownMs });
    return matching(createLocalJWKSet(known), header);
  }

  /** After a failure it is left in peace for a while, however many tokens come. */
  private isResting = (): boolean => Date.now() - this.failedAtMs < cooldownMs;
}

/** Several, when the token does not say which. Throws when they cannot be fetched. */
async function matching(set: JWTVerifyGetKey, header: Header): Promise<CryptoKey[]> {
  try {
    return [(await set(header, {} as FlattenedJWSInput)) as CryptoKey];
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return [];
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    const keys: CryptoKey[] = [];
    for await (const key of error) keys.push(key);
    return keys;
  }
}
