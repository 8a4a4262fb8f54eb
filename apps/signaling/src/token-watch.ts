import type { Revocation, TokenLedger } from '@manycast/core';
import { type Logger, Periodic, type Service } from '@manycast/runtime';
import type { Connection } from './connection.js';

export interface TokenWatchOptions {
  ledger: TokenLedger;
  connections(): Iterable<Connection>;
  log: Logger;
}

const everyMs = 1_000;
/** The clock of the store may be set back by a failover; a revocation that is looked at twice does no harm. */
const overlapMs = 10_000;

/** Ends the sessions of this node whose join token has expired or was revoked, within a second or two. */
export class TokenWatch implements Service {
  readonly name = 'token watch';
  private readonly periodic: Periodic;
  private seenAtMs = 0;

  constructor(private readonly options: TokenWatchOptions) {
    this.periodic = new Periodic({ name: this.name, everyMs, log: options.log }, () => this.look());
  }

  start(): Promise<void> {
    return this.periodic.start();
  }

  stop(): Promise<void> {
    return this.periodic.stop();
  }

  /** Expiry needs nobody's word; revocations wait for a store that is away. */
  async look(): Promise<void> {
    const { ledger, connections, log } = this.options;
    const revocations = await ledger
      .revokedSince(Math.max(0, this.seenAtMs - overlapMs))
      .catch((error): Revocation[] => {
        log.debug({ err: error }, 'revocations not read');
        return [];
      });
    this.seenAtMs = Math.max(this.seenAtMs, ...revocations.map(({ atMs }) => atMs));
    const nowMs = Date.now();
    for (const connection of connections()) connection.checkToken(nowMs, revocations);
  }
}
