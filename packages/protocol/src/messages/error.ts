import type { ErrorCode } from '../error-code.js';

/** Server → client: a message that was not carried out. `field` is a path such as `candidate.sdpMid`. */
export interface ErrorMessage {
  id: 'error';
  code: ErrorCode;
  message: string;
  field?: string;
  retryAfterMs?: number;
}
