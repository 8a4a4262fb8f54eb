import { RpcError } from './rpc-error.js';

/** Kurento's error names with their codes (KurentoException.hpp). The name travels as `data.type`. */
export const kurentoCodes = {
  MARSHALL_ERROR: 40001,
  CONNECT_ERROR: 40004,
  NOT_IMPLEMENTED: 40006,
  INVALID_SESSION: 40007,
  MALFORMED_TRANSACTION: 40008,
  NOT_ENOUGH_RESOURCES: 40009,
  MEDIA_OBJECT_NOT_FOUND: 40101,
  MEDIA_OBJECT_EVENT_NOT_SUPPORTED: 40106,
  MEDIA_OBJECT_ILLEGAL_PARAM_ERROR: 40107,
  MEDIA_OBJECT_NOT_AVAILABLE: 40108,
  MEDIA_OBJECT_NOT_FOUND_TRANSACTION_NO_COMMIT: 40109,
  MEDIA_OBJECT_TAG_KEY_NOT_FOUND: 40110,
  MEDIA_OBJECT_OPERATION_NOT_SUPPORTED: 40111,
  SDP_PARSE_ERROR: 40201,
  SDP_END_POINT_NO_LOCAL_SDP_ERROR: 40202,
  SDP_END_POINT_NO_REMOTE_SDP_ERROR: 40203,
  SDP_END_POINT_GENERATE_OFFER_ERROR: 40204,
  SDP_END_POINT_PROCESS_OFFER_ERROR: 40205,
  SDP_END_POINT_PROCESS_ANSWER_ERROR: 40206,
  SDP_END_POINT_ALREADY_NEGOTIATED: 40208,
  SDP_END_POINT_NOT_OFFER_GENERATED: 40209,
  SDP_END_POINT_ANSWER_ALREADY_PROCCESED: 40210,
} as const;

export type KurentoErrorType = keyof typeof kurentoCodes;

export function kurentoError(type: KurentoErrorType, message: string, cause?: unknown): RpcError {
  return new RpcError(kurentoCodes[type], message, { type }, { cause });
}

export function objectNotFound(id: string): RpcError {
  return kurentoError('MEDIA_OBJECT_NOT_FOUND', `Object '${id}' not found`);
}
