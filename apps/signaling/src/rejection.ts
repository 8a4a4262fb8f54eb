import {
  type PresenterResponse,
  rejectionText,
  type SignalError,
  type SignalingPath,
  type ViewerResponse,
} from '@manycast/protocol';

/** The answer to an offer that was not accepted, in the words of the tutorial whose path the client opened. */
export function rejection(
  role: 'presenter' | 'viewer',
  path: SignalingPath,
  { code, message, retryAfterMs }: SignalError,
): PresenterResponse | ViewerResponse {
  return {
    id: `${role}Response`,
    response: 'rejected',
    message: rejectionText(path, code, message),
    code,
    ...(retryAfterMs && { retryAfterMs }),
  };
}
