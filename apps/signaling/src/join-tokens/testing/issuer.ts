import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Algorithm } from '../key-source.js';

/** An application that issues tokens, with keys that come and go. */
export class Issuer {
  readonly published: JWK[] = [];
  private readonly signing = new Map<string, { key: CryptoKey; algorithm: Algorithm }>();

  async addKey(kid: string, algorithm: Exclude<Algorithm, 'HS256'>): Promise<{ jwk: JWK; pem: string }> {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' };
    this.published.push(jwk);
    this.signing.set(kid, { key: privateKey, algorithm });
    return { jwk, pem: await exportSPKI(publicKey) };
  }

  /** It signs no more, and is not published any longer. */
  retire(kid: string): void {
    this.published.splice(
      this.published.findIndex(key => key.kid === kid),
      1,
    );
  }

  get keySet(): string {
    return JSON.stringify({ keys: this.published });
  }

  issue(kid: string, claims: object = {}): Promise<string> {
    const { key, algorithm } = this.signing.get(kid) as { key: CryptoKey; algorithm: Algorithm };
    return sign(claims, { alg: algorithm, kid }, key);
  }
}

/** Seconds from now, as the dates in a token are counted. */
export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

export const sign = (
  claims: object,
  header: { alg: string; kid?: string },
  key: CryptoKey | Uint8Array,
): Promise<string> =>
  new SignJWT({ room: 'stage', roles: ['viewer'], exp: inSeconds(600), iat: inSeconds(0), ...claims })
    .setProtectedHeader(header)
    .sign(key);

/** Serves the keys as they are at each moment, and counts who asked. */
export async function serveKeys(issuer: Issuer) {
  const seen = { requests: 0, isBroken: false };
  const server = createServer((_request, response) => {
    seen.requests += 1;
    if (seen.isBroken) return void response.writeHead(500).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(issuer.keySet);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => new Promise<void>(resolve => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}/jwks.json`, seen, stop };
}
