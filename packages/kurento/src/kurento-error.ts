import { SignalError } from '@manycast/protocol';

/** What a Kurento server answers instead of a result; rides as `cause` on the SignalError it becomes. */
export class KurentoError extends Error {
  override readonly name = 'KurentoError';

  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

/** The one place where Kurento's codes (KurentoException.hpp) become ours. */
export function fromKurento(error: KurentoError): SignalError {
  switch (error.code) {
    case 40101: // MEDIA_OBJECT_NOT_FOUND: unknown or released, the two look alike
      return new SignalError('media-gone', { cause: error });
    case 40009: // NOT_ENOUGH_RESOURCES: 80 % of threads or files
      return new SignalError('media-full', { cause: error });
    case 40007: // INVALID_SESSION: collected; the link makes itself a new one
      return new SignalError('media-unavailable', { cause: error });
    case 40200: // SDP_CREATE_ERROR
    case 40201: // SDP_PARSE_ERROR
    case 40205: // SDP_END_POINT_PROCESS_OFFER_ERROR
    case 40207: // SDP_CONFIGURATION_ERROR
      return new SignalError('bad-sdp', { cause: error, message: error.message });
    case 40401: // ICE_ADD_CANDIDATE_ERROR
      return new SignalError('bad-candidate', { cause: error, message: error.message });
    default:
      return new SignalError('internal', { cause: error });
  }
}

/** Whatever a callback of kurento-client was given as its error. What has no code never came from the server. */
export function fromReply(error: unknown): SignalError {
  if (error instanceof Error && 'code' in error && typeof error.code === 'number')
    return fromKurento(new KurentoError(error.code, error.message, 'data' in error ? error.data : undefined));
  const message = error instanceof Error ? error.message : String(error);
  return new SignalError('media-unavailable', { cause: error, message });
}
