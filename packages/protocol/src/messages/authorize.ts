import { z } from 'zod';
import { joinToken } from './offer.js';

/**
 * Client → server, `manycast.v1`: go on with a newer join token of the same identity, for the same room and role.
 * Answered by `authorized`, or by an `error`, and the session then has what it had.
 */
export const Authorize = z.object({ id: z.literal('authorize'), token: joinToken });
export type Authorize = z.infer<typeof Authorize>;

/** Server → client: the session may stay for `forMs`; null: for as long as it likes. */
export interface Authorized {
  id: 'authorized';
  forMs: number | null;
}

/** Server → client, once for each token: the session ends in `inMs` unless an `authorize` comes. */
export interface TokenExpiring {
  id: 'tokenExpiring';
  inMs: number;
}
