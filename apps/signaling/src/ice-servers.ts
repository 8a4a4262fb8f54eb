import { createHmac } from 'node:crypto';
import type { Welcome } from '@manycast/protocol';

export interface IceServerSettings {
  stunUrls: readonly string[];
  turnUrls: readonly string[];
  /** What the TURN servers know as `static-auth-secret`. */
  turnSecret?: string | undefined;
  turnTtlMs: number;
}

type IceServer = Welcome['iceServers'][number];

/**
 * What clients are told of STUN and TURN. Credentials of a TURN server are made for one session and a limited time, as
 * coturn checks them (`use-auth-secret`; draft-uberti-behave-turn-rest-00): the name is `UNIX-SECONDS:SESSION`, the
 * password its HMAC-SHA1. Nothing has to be told to the TURN server, and a name in its log leads to a session.
 */
export class IceServers {
  constructor(private readonly settings: IceServerSettings) {}

  /** How long what is minted now is good for; credentials are said again at half of it. */
  get ttlMs(): number {
    return this.settings.turnTtlMs;
  }

  get areTimed(): boolean {
    return this.settings.turnUrls.length > 0;
  }

  mint(session: string, nowMs = Date.now()): IceServer[] {
    const { stunUrls, turnUrls, turnSecret = '', turnTtlMs } = this.settings;
    const servers: IceServer[] = stunUrls.length > 0 ? [{ urls: [...stunUrls] }] : [];
    if (turnUrls.length === 0) return servers;
    const username = `${Math.ceil((nowMs + turnTtlMs) / 1_000)}:${session}`;
    const credential = createHmac('sha1', turnSecret).update(username).digest('base64');
    return [...servers, { urls: [...turnUrls], username, credential }];
  }
}
