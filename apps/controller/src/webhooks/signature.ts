import { createHmac } from 'node:crypto';

/**
 * `t=<Unix seconds>,v1=<hex>`, with a `v1` for every secret: HMAC-SHA256 of the time, a dot, and the body as it is
 * sent. While a secret is replaced both are in use, and a receiver takes whichever it knows.
 */
export function signature(secrets: readonly string[], body: string, atMs: number): string {
  const t = Math.floor(atMs / 1_000);
  const signed = secrets.map(secret => createHmac('sha256', secret).update(`${t}.${body}`).digest('hex'));
  return [`t=${t}`, ...signed.map(hex => `v1=${hex}`)].join(',');
}
