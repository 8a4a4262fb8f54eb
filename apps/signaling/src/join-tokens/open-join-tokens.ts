import type { JoinTokens } from '@manycast/core';
import type { Logger, Service } from '@manycast/runtime';
import { FixedKeys } from './fixed-keys.js';
import { JoseJoinTokens } from './jose-join-tokens.js';
import { JwksUrl } from './jwks-url.js';
import { KeyFile } from './key-file.js';
import type { KeySource } from './key-source.js';
import { secretKey } from './read-keys.js';

export interface JoinTokenSettings {
  joinSecret?: string | undefined;
  joinKeysFile?: string | undefined;
  joinJwksUrl?: string | undefined;
  joinJwksMaxAgeMs: number;
  joinIssuer?: string | undefined;
  joinAudience?: string | undefined;
}

/** How often a key file is looked at: mounted secrets are exchanged without a word. */
const rereadMs = 5_000;

/** The reader of join tokens, with its keys from wherever they are; null without any. `services` keep them fresh. */
export function openJoinTokens(
  settings: JoinTokenSettings,
  log: Logger,
): { tokens: JoinTokens | null; services: Service[] } {
  const { joinSecret, joinKeysFile: path, joinJwksUrl: url, joinJwksMaxAgeMs: maxAgeMs } = settings;
  const file = path === undefined ? undefined : new KeyFile({ path, rereadMs, log });
  const sources: KeySource[] = [
    ...(joinSecret === undefined ? [] : [new FixedKeys([secretKey(joinSecret)])]),
    ...(file ? [file] : []),
    ...(url === undefined ? [] : [new JwksUrl({ url, maxAgeMs, log })]),
  ];
  const { joinIssuer: issuer, joinAudience: audience } = settings;
  return {
    tokens: sources.length === 0 ? null : new JoseJoinTokens({ sources, issuer, audience }),
    services: file ? [file] : [],
  };
}
