import type { LocalErrorCode } from '@manycast/client';
import type { ErrorCode } from '@manycast/protocol';

/** What only the page itself can notice; everything else is told by the SDK or by the server. */
export type LocalProblemCode =
  | 'insecure-context'
  | 'camera-denied'
  | 'no-camera'
  | 'camera-busy'
  | 'camera-lost'
  | 'bad-node-address'
  | 'insecure-node'
  | 'server-lost-on-air';

export type ProblemCode = LocalProblemCode | Exclude<LocalErrorCode, 'bad-address'> | ErrorCode;

/** Why an attempt ended. A code that this page does not know yet (a newer server) keeps the server's own words. */
export interface Problem {
  code: ProblemCode | (string & {});
  message?: string;
  retryAfterMs?: number;
}
