import type { JoinToken, JoinTokens } from '@manycast/core';
import { SignalError } from '@manycast/protocol';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { readClaims } from './claims.js';
import { type Header, isAlgorithm, type KeySource, type VerifyingKey } from './key-source.js';

export interface JoseJoinTokensOptions {
  sources: readonly KeySource[];
  /** `iss` and `aud` that a token must have; undefined: they are not looked at. */
  issuer: string | undefined;
  audience: string | undefined;
}

/** By how much the clocks of the issuer and of this node may differ. */
const toleranceS = 5;

/** JoinTokens as JWTs (RFC 7519): the only place of jose, with the key sources beside it. */
export class JoseJoinTokens implements JoinTokens {
  constructor(private readonly options: JoseJoinTokensOptions) {}

  async verify(token: string): Promise<JoinToken> {
    const header = this.readHeader(token);
    const keys = await this.keysFor(header);
    for (const key of keys) {
      const payload = await this.payload(token, key);
      if (payload) return readClaims(payload, toleranceS);
    }
    throw new SignalError('token-signature');
  }

  /** A source that is out of reach is no reason to refuse what another one knows. */
  private async keysFor(header: Header): Promise<VerifyingKey[]> {
    const answers = await Promise.allSettled(this.options.sources.map(source => source.keysFor(header)));
    const keys = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []));
    const failed = answers.find(answer => answer.status === 'rejected');
    if (keys.length === 0) throw failed?.reason ?? new SignalError('token-key-unknown');
    return keys;
  }

  private readHeader(token: string): Header {
    let header: ReturnType<typeof decodeProtectedHeader>;
    try {
      header = decodeProtectedHeader(token);
    } catch (cause) {
      throw new SignalError('token-malformed', { cause });
    }
    const { alg } = header;
    if (!isAlgorithm(alg) || !this.options.sources.some(({ algorithms }) => algorithms.has(alg)))
      throw new SignalError('token-algorithm');
    return { ...header, alg };
  }

  /** Undefined when another key signed it. The signature is looked at before anything that it protects. */
  private async payload(token: string, { key, algorithm }: VerifyingKey): Promise<JWTPayload | undefined> {
    const { issuer, audience } = this.options;
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [algorithm],
        clockTolerance: toleranceS,
        requiredClaims: ['exp'],
        ...(issuer !== undefined && { issuer }),
        ...(audience !== undefined && { audience }),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) return undefined;
      throw refusalOf(error);
    }
  }
}

function refusalOf(cause: unknown): SignalError {
  if (cause instanceof errors.JWTExpired) return new SignalError('token-expired', { cause });
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === 'iss' || cause.claim === 'aud') return new SignalError('token-foreign', { cause });
    if (cause.claim === 'nbf' || cause.claim === 'iat') return new SignalError('token-too-early', { cause });
    return new SignalError('token-malformed', { cause, message: `token: ${cause.message}`, field: 'token' });
  }
  if (cause instanceof errors.JOSEError) return new SignalError('token-malformed', { cause });
  return new SignalError('internal', { cause });
}
