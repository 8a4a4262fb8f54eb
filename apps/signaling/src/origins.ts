import type { IncomingMessage } from 'node:http';

/**
 * Which pages may speak to this node from a browser. A browser says the page's origin with every handshake and every
 * request of another site; programs other than browsers say none, and are kept out by join tokens, not by this.
 */
export class Origins {
  constructor(
    /** Such as `https://live.example`; empty: every page may. */
    private readonly allowed: readonly string[],
  ) {}

  allows({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
    const { origin, host } = headers;
    if (this.allowed.length === 0 || origin === undefined) return true;
    return this.allowed.includes(origin) || isOwn(origin, host);
  }

  /** `Access-Control-…` for an answer that pages of these origins may read. */
  headers({ headers }: Pick<IncomingMessage, 'headers'>): Record<string, string> {
    const { origin } = headers;
    if (this.allowed.length === 0) return { 'access-control-allow-origin': '*' };
    const shared = { vary: 'Origin' };
    return origin !== undefined && this.allows({ headers })
      ? { ...shared, 'access-control-allow-origin': origin }
      : shared;
  }
}

/** The node's own pages: behind a proxy the scheme is not known, so host and port decide. */
const isOwn = (origin: string, host: string | undefined): boolean =>
  URL.canParse(origin) && new URL(origin).host === host;
