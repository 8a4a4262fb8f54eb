import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../support/built-app.js';

export const haproxyFile = join(repositoryRoot, 'infra', 'haproxy.cfg');

/** Where it is installed, it has the last word on its file. */
export const haproxyProgram = 'haproxy';

export interface HaproxyConfig {
  servers: { host: string; port: number }[];
  checkedPath: string | undefined;
  /** How long a WebSocket may be silent, in s. */
  tunnelSeconds: number;
}

export function readHaproxyConfig(text = readFileSync(haproxyFile, 'utf8')): HaproxyConfig {
  return {
    servers: [...text.matchAll(/^\s*server \S+ (\S+):(\d+)/gm)].map(([, host = '', port]) => ({
      host,
      port: Number(port),
    })),
    checkedPath: text.match(/^\s*option httpchk GET (\S+)/m)?.[1],
    tunnelSeconds: Number(text.match(/^\s*timeout tunnel (\d+)s$/m)?.[1]),
  };
}
