import type { ErrorCode } from '@manycast/protocol';
import { errorCodes } from '@manycast/protocol/wire';

/** What only the client can notice; everything else is told by the server. */
const localErrors = {
  'bad-address': { meaning: 'the address is none that a WebSocket can be opened to', retry: false },
  'server-unreachable': { meaning: 'no node of the cluster answers', retry: true },
  'server-refuses': { meaning: 'the server closed the connection for good', retry: false },
  'no-token': { meaning: 'the application gave no join token', retry: false },
  superseded: { meaning: 'the session goes on elsewhere', retry: false },
  'no-webrtc': { meaning: 'there is no RTCPeerConnection, or it makes no offer', retry: false },
  'no-answer': { meaning: 'the server did not answer the offer in time', retry: true },
  'bad-answer': { meaning: 'the peer connection cannot use the server’s answer', retry: false },
  'ice-failed': { meaning: 'media does not get through to the media server', retry: true },
  'media-lost': { meaning: 'the media connection broke', retry: true },
} as const satisfies Record<string, { meaning: string; retry: boolean }>;

export type LocalErrorCode = keyof typeof localErrors;
/** A newer server may know codes that this version does not. */
export type SessionErrorCode = ErrorCode | LocalErrorCode | (string & {});

const known: Record<string, { meaning: string; retry: boolean } | undefined> = {
  ...errorCodes,
  ...localErrors,
};

/** Why something was refused or failed; `code` is what to act on, `message` is for people who read logs. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  /** When the server suggests to try again; unit: ms. */
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: SessionErrorCode,
    options: { message?: string; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(options.message || known[code]?.meaning || code, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether the same request may succeed later without anything being changed. */
  get isRetryable(): boolean {
    return known[this.code]?.retry ?? true;
  }
}
