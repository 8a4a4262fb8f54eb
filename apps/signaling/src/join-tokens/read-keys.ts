import { createPublicKey } from 'node:crypto';
import { importJWK, type JWK } from 'jose';
import { z } from 'zod';
import type { Algorithm, VerifyingKey } from './key-source.js';

/** RFC 7518, sections 3.2 and 3.3: a shorter key is not one. */
const minSecretBytes = 32;
const minRsaBits = 2048;

const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** The keys in a text: a JWK Set (RFC 7517), or public keys or certificates in PEM. Throws Error that says what is wrong. */
export async function readKeys(text: string): Promise<VerifyingKey[]> {
  if (text.includes('PRIVATE KEY'))
    throw new Error('there is a private key in it; only the public half belongs here');
  const jwks = text.trimStart().startsWith('{') ? readKeySet(text) : readPem(text);
  return Promise.all(jwks.map(verifyingKey));
}

export function secretKey(secret: string): VerifyingKey {
  const key = new TextEncoder().encode(secret);
  if (key.length < minSecretBytes) throw new Error(`must have at least ${minSecretBytes} bytes`);
  return { algorithm: 'HS256', id: undefined, key };
}

function readKeySet(text: string): JWK[] {
  const result = KeySet.safeParse(JSON.parse(text));
  if (!result.success) throw new Error('it is no JWK Set: {"keys": [{"kty": …}, …]}');
  return result.data.keys as unknown as JWK[];
}

function readPem(text: string): JWK[] {
  const blocks = text.match(/-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g);
  if (!blocks) throw new Error('it is neither a JWK Set nor PEM');
  return blocks.map(pem => createPublicKey(pem).export({ format: 'jwk' }) as JWK);
}

async function verifyingKey(jwk: JWK): Promise<VerifyingKey> {
  const algorithm = algorithmOf(jwk);
  const name = `key ${jwk.kid ?? `of type ${jwk.kty}`}`;
  if (!algorithm || (jwk.alg !== undefined && jwk.alg !== algorithm && jwk.alg !== jwk.crv))
    throw new Error(`${name}: only HS256, RS256, ES256 and EdDSA (Ed25519) are accepted`);
  if (jwk.kty !== 'oct' && jwk.d !== undefined)
    throw new Error(`${name} is a private key; only the public half belongs here`);
  const bytes = Buffer.from(jwk.n ?? jwk.k ?? '', 'base64url').length;
  if (jwk.kty === 'RSA' && bytes * 8 < minRsaBits)
    throw new Error(`${name} has less than ${minRsaBits} bits`);
  if (jwk.kty === 'oct' && bytes < minSecretBytes)
    throw new Error(`${name} has less than ${minSecretBytes} bytes`);
  return { algorithm, id: jwk.kid, key: await importJWK(jwk, algorithm) };
}

function algorithmOf({ kty, crv }: JWK): Algorithm | undefined {
  switch (kty) {
    case 'oct':
      return 'HS256';
    case 'RSA':
      return 'RS256';
    case 'EC':
      return crv === 'P-256' ? 'ES256' : undefined;
    case 'OKP':
      return crv === 'Ed25519' ? 'EdDSA' : undefined;
    default:
      return undefined;
  }
}
