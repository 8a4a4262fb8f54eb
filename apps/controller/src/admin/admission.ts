import type { IncomingMessage } from 'node:http';
import type { Caller } from './caller.js';
import { Problem } from './problem.js';

/** Says who asks, or throws the Problem that they are answered with. */
export type Admission = (request: IncomingMessage) => Caller;

/** `Authorization: Bearer TOKEN`. */
export const byToken =
  (tokens: { find(token: string): Caller | undefined }): Admission =>
  request => {
    const [, token] = /^Bearer +([^ ]+) *$/i.exec(request.headers.authorization ?? '') ?? [];
    const caller = token === undefined ? undefined : tokens.find(token);
    if (!caller) throw new Problem('unauthenticated');
    return caller;
  };

/**
 * For a cluster on the developer's own machine: everybody there may do everything. A page of another site in a
 * browser there is still kept out, whether it names this machine (Origin) or hides behind a name of its own (Host).
 */
export const openHere: Admission = ({ headers }) => {
  const hosts = [`http://${headers.host}`, ...(headers.origin === undefined ? [] : [headers.origin])];
  if (!hosts.every(isLoopback)) throw new Problem('foreign-origin');
  return { name: 'anybody', role: 'write' };
};

const isLoopback = (url: string): boolean =>
  URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
