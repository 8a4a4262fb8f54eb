import type { ErrorCode } from '@manycast/protocol';

/** What only the page itself can notice; everything else is told by the server. */
export type LocalProblemCode =
  | 'insecure-context'
  | 'camera-denied'
  | 'no-camera'
  | 'camera-busy'
  | 'camera-lost'
  | 'no-webrtc'
  | 'bad-node-address'
  | 'insecure-node'
  | 'server-unreachable'
  | 'server-lost'
  | 'server-lost-on-air'
  | 'server-refuses'
  | 'no-answer'
  | 'bad-answer'
  | 'ice-failed'
  | 'media-lost';

export type ProblemCode = LocalProblemCode | ErrorCode;

/** Why an attempt ended. A code that this page does not know yet (a newer server) keeps the server's own words. */
export interface Problem {
  code: ProblemCode | (string & {});
  message?: string;
  retryAfterMs?: number;
}
