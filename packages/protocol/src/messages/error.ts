import type { ErrorCode } from '../error-code.js';

/**
 * Server → client: a message that was not carried out. `field` is a path such as `candidate.sdpMid`; `clientId` that of
 * the message, where it had one.
 */
export interface ErrorMessage {
  id: 'error';
  code: ErrorCode;
  message: string;
  field?: string;
  retryAfterMs?: number;
  clientId?: string;
}
