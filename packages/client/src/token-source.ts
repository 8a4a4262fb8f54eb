import type { SessionOptions } from './session-options.js';

/** The join token of a session: one that was given, or the last that the application's function gave. */
export interface TokenSource {
  /** To be sent with an offer. */
  readonly current: string | undefined;
  /** Whether another one can be had. */
  readonly isRenewable: boolean;
  /** Asks for another one; several at a time are one. Rejects with what the application's function threw. */
  renew(): Promise<string | undefined>;
}

export function createTokenSource(token: SessionOptions['token']): TokenSource {
  let current = typeof token === 'string' ? token : undefined;
  let asking: Promise<string | undefined> | undefined;

  async function ask() {
    if (typeof token === 'function') current = await token();
    return current;
  }
  return {
    get current() {
      return current;
    },
    isRenewable: typeof token === 'function',
    renew: () => {
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
  };
}
