import { type ErrorCode, errorCodes } from './error-code.js';

/** The one error class that crosses floors. Adapters translate what they meet into it, each in one switch. */
export class SignalError extends Error {
  override readonly name = 'SignalError';
  /** When to try again, where the server knows; unit: milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The field of the message at fault, as a path such as `candidate.sdpMid`. */
  readonly field: string | undefined;
  /** The client's own name for the request at fault. */
  readonly clientId: string | undefined;

  constructor(
    readonly code: ErrorCode,
    options: {
      message?: string;
      cause?: unknown;
      retryAfterMs?: number;
      field?: string;
      clientId?: string;
    } = {},
  ) {
    super(options.message ?? errorCodes[code].meaning, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
    this.field = options.field;
    this.clientId = options.clientId;
  }

  /** Whatever was thrown, as a SignalError: unknown things become `internal`, and keep themselves as the cause. */
  static from(thrown: unknown): SignalError {
    return thrown instanceof SignalError ? thrown : new SignalError('internal', { cause: thrown });
  }
}
