import type { JsonObject } from '../json.js';

/** JSON-RPC's own error codes, as Kurento uses them. */
export const rpcCodes = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  missingParameter: -32000,
} as const;

/** A request that failed, as its `error` member will say it. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  constructor(
    readonly code: number,
    message: string,
    readonly data?: JsonObject,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  toJson(): JsonObject {
    return { code: this.code, message: this.message, ...(this.data && { data: this.data }) };
  }
}

export function missingParameter(message: string): RpcError {
  return new RpcError(rpcCodes.missingParameter, message);
}
