import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@manycast/runtime';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { JoseJoinTokens } from './jose-join-tokens.js';
import { JwksUrl } from './jwks-url.js';
import { KeyFile } from './key-file.js';
import { readKeys, secretKey } from './read-keys.js';
import { Issuer, serveKeys } from './testing/issuer.js';

/** An RSA key takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

const log = createLogger({ name: 'test', level: 'silent' });
const reader = (source: KeyFile | JwksUrl) =>
  new JoseJoinTokens({ sources: [source], issuer: undefined, audience: undefined });

describe('keys in a file', () => {
  async function keyFile(text: string) {
    const folder = await mkdtemp(join(tmpdir(), 'manycast-keys-'));
    const path = join(folder, 'keys.json');
    const replace = async (next: string) => {
      await writeFile(`${path}.next`, next);
      await rename(`${path}.next`, path);
    };
    await replace(text);
    const file = new KeyFile({ path, rereadMs: 10, log });
    onTestFinished(async () => {
      await file.stop();
      await rm(folder, { recursive: true });
    });
    return { file, replace };
  }

  it('are rotated without a restart: the new one is accepted, the retired one no more', async () => {
    const issuer = new Issuer();
    await issuer.addKey('old', 'ES256');
    const { file, replace } = await keyFile(issuer.keySet);
    await file.start();
    const tokens = reader(file);
    const old = await issuer.issue('old');
    await tokens.verify(old);
    await issuer.addKey('new', 'EdDSA');
    await replace(issuer.keySet);
    await vi.waitFor(async () => tokens.verify(await issuer.issue('new')), 20_000);
    await tokens.verify(old);
    issuer.retire('old');
    await replace(issuer.keySet);
    // The only key of its algorithm is gone.
    await vi.waitFor(
      () => expect(tokens.verify(old)).rejects.toMatchObject({ code: 'token-algorithm' }),
      20_000,
    );
  });

  it('stay when the file becomes unreadable', async () => {
    const issuer = new Issuer();
    await issuer.addKey('a', 'ES256');
    const error = vi.spyOn(log, 'error');
    const { file, replace } = await keyFile(issuer.keySet);
    await file.start();
    await replace('{ "keys": [');
    await vi.waitFor(() => expect(error).toHaveBeenCalled(), 20_000);
    await reader(file).verify(await issuer.issue('a'));
  });

  it('stop the start when there are none', async () => {
    const { file } = await keyFile('nothing');
    await expect(file.start()).rejects.toThrow('MANYCAST_JOIN_KEYS_FILE');
  });
});

describe('what a key file may hold', () => {
  it('is public keys in PEM', async () => {
    const issuer = new Issuer();
    const { pem } = await issuer.addKey('a', 'RS256');
    const other = await issuer.addKey('b', 'EdDSA');
    expect((await readKeys(pem + other.pem)).map(({ algorithm }) => algorithm)).toEqual(['RS256', 'EdDSA']);
  });

  it('is secrets in a key set', async () => {
    const k = Buffer.alloc(32, 1).toString('base64url');
    expect(await readKeys(JSON.stringify({ keys: [{ kty: 'oct', k, kid: 's' }] }))).toMatchObject([
      { algorithm: 'HS256', id: 's' },
    ]);
  });

  it.each([
    ['a private key in PEM', '-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----', /private/],
    ['a private key in a set', '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}]}', /private/],
    ['a short secret', '{"keys":[{"kty":"oct","k":"AAAA"}]}', /32 bytes/],
    ['a short RSA key', `{"keys":[{"kty":"RSA","e":"AQAB","n":"${'A'.repeat(170)}"}]}`, /2048 bits/],
    ['another algorithm', '{"keys":[{"kty":"RSA","alg":"RS512","e":"AQAB","n":"AA"}]}', /only HS256/],
    ['another curve', '{"keys":[{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}]}', /only HS256/],
    ['no key set', '{"a":1}', /no JWK Set/],
  ])('is not %s', async (_, text, problem) => {
    await expect(readKeys(text)).rejects.toThrow(problem);
  });

  it('a secret of 31 bytes is refused', () => {
    expect(() => secretKey('x'.repeat(31))).toThrow('32 bytes');
  });
});

describe('keys at an address', () => {
  it('are fetched once for many tokens, and the retired one is refused', async () => {
    const issuer = new Issuer();
    await issuer.addKey('old', 'ES256');
    const { url, seen, stop } = await serveKeys(issuer);
    onTestFinished(stop);
    let nowMs = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => nowMs);
    onTestFinished(() => void vi.restoreAllMocks());
    const tokens = reader(new JwksUrl({ url, maxAgeMs: 60_000, log }));
    const old = await issuer.issue('old');
    for (let i = 0; i < 5; i += 1) await tokens.verify(old);
    expect(seen.requests).toBe(1);

    await issuer.addKey('new', 'ES256');
    issuer.retire('old');
    nowMs += 11_000;
    await tokens.verify(await issuer.issue('new'));
    expect(seen.requests).toBe(2);
    await expect(tokens.verify(old)).rejects.toMatchObject({ code: 'token-key-unknown' });
    // Forged names do not make it ask again and again.
    for (let i = 0; i < 20; i += 1) await tokens.verify(old).catch(() => undefined);
    expect(seen.requests).toBe(2);
  });

  it('outlive an address that does not answer; without any the refusal may be tried again', async () => {
    const issuer = new Issuer();
    await issuer.addKey('a', 'ES256');
    const { url, seen, stop } = await serveKeys(issuer);
    onTestFinished(stop);
    let nowMs = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => nowMs);
    onTestFinished(() => void vi.restoreAllMocks());
    const known = reader(new JwksUrl({ url, maxAgeMs: 1_000, log }));
    const token = await issuer.issue('a');
    await known.verify(token);
    seen.isBroken = true;
    nowMs += 60_000;
    await known.verify(token);
    await expect(reader(new JwksUrl({ url, maxAgeMs: 1_000, log })).verify(token)).rejects.toMatchObject({
      code: 'token-keys-unavailable',
      retryAfterMs: 10_000,
    });
  });
});
