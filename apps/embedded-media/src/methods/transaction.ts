import { asInteger, isObject, type Json, type JsonObject, member } from '../json.js';
import { newRefPrefix } from '../media-server.js';
import { kurentoError } from '../rpc/kurento-error.js';
import { RpcError, rpcCodes } from '../rpc/rpc-error.js';
import type { Method } from './method.js';

/**
 * Several operations in one request. `newref:N` stands for the value that operation N answered. It stops at
 * the first operation that fails and takes nothing back; the transaction itself still succeeds, with every
 * answer so far in `value`. Only what makes it no transaction is an error of its own.
 */
export const transaction: Method = async (params, context) => {
  const session = params.require().anySession();
  const operations = params.array('operations');
  const responses: JsonObject[] = [];
  for (const [index, operation] of operations.entries()) {
    const request = inside(operation, index, session, responses);
    const { response, isSuccess } = await context.process(request, context);
    responses.push({ ...response, id: index });
    if (!isSuccess) break;
  }
  return { value: responses, sessionId: session };
};

function inside(operation: Json, index: number, session: string, responses: JsonObject[]): JsonObject {
  const params = isObject(operation) ? (member(operation, 'params') ?? {}) : null;
  if (!isObject(operation) || !isObject(params)) {
    throw new RpcError(rpcCodes.internal, 'Unexpected error while processing method: not an operation');
  }
  if (asInteger(member(operation, 'id') ?? null) !== index) {
    throw malformedTransaction(`Id of request '${index}' should be '${index}'`);
  }
  return {
    ...operation,
    id: index,
    params: resolved({ ...params, sessionId: session }, responses) as JsonObject,
  };
}

/** With every reference in it replaced by what it stands for. */
function resolved(value: Json, responses: JsonObject[]): Json {
  if (Array.isArray(value)) return value.map(item => resolved(item, responses));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, responses)]));
  }
  if (typeof value !== 'string' || !value.startsWith(newRefPrefix) || value === newRefPrefix) return value;
  const index = Number.parseInt(value.slice(newRefPrefix.length), 10);
  if (Number.isNaN(index)) {
    throw malformedTransaction(`Invalid index of newref '${value.slice(newRefPrefix.length)}'`);
  }
  const result = responses[index]?.result;
  if (!isObject(result)) throw malformedTransaction(`Result not found on request ${index}`);
  return member(result, 'value') ?? null;
}

function malformedTransaction(message: string): RpcError {
  return kurentoError('MALFORMED_TRANSACTION', message);
}
