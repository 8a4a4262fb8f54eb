import type { Logger } from '@manycast/runtime';
import { asString, isObject, type Json, type JsonObject, member } from '../json.js';
import type { MediaServer } from '../media-server.js';
import type { Method, MethodContext, Processed } from '../methods/method.js';
import { methods } from '../methods/methods.js';
import { Params } from '../methods/params.js';
import { FairTurn } from './fair-turn.js';
import type { ReplyCache } from './reply-cache.js';
import { RpcError, rpcCodes } from './rpc-error.js';

export interface DispatcherOptions {
  server: MediaServer;
  cache: ReplyCache<JsonObject>;
  log: Logger;
  onProcessed?: (method: string, outcome: 'success' | number) => void;
}

/** Turns a JSON-RPC message into its response. Never throws; whatever goes wrong is an error response. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #turn = new FairTurn();

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** A message from a socket. Undefined when nothing is to be answered. */
  async handle(message: Json, signal: AbortSignal): Promise<JsonObject | undefined> {
    const { server, cache } = this.#options;
    const cached = this.#cached(message);
    if (cached) return cached;
    const process: MethodContext['process'] = (request, context) => this.#process(request, context);
    const { response } = await process(message, { server, process, signal });
    if (response && isObject(message)) {
      const requestId = idOf(message);
      const session = sessionOf(response) ?? givenSession(message);
      if (requestId !== undefined && session !== undefined) {
        cache.add(session, requestId, response, performance.now());
      }
    }
    return response;
  }

  #cached(message: Json): JsonObject | undefined {
    if (!isObject(message) || problemWith(message)) return undefined;
    const requestId = idOf(message);
    const session = givenSession(message);
    if (requestId === undefined || session === undefined) return undefined;
    return this.#options.cache.get(session, requestId, performance.now());
  }

  async #process(message: Json, context: MethodContext): Promise<Processed> {
    if (!isObject(message) || problemWith(message)) {
      return failed(null, new RpcError(rpcCodes.invalidRequest, 'Invalid JSON-RPC request.'));
    }
    const id = member(message, 'id') ?? null;
    const name = String(message.method);
    const method = methods.get(name);
    if (!method) {
      this.#options.onProcessed?.('unknown', rpcCodes.methodNotFound);
      return failed(id, new RpcError(rpcCodes.methodNotFound, 'Method not found.'));
    }
    await this.#turn.take();
    try {
      const result = await this.#run(method, message, context);
      this.#options.onProcessed?.(name, 'success');
      if (id === null) {
        return { response: undefined, isSuccess: true };
      }
      return { response: { id, jsonrpc: '2.0', result }, isSuccess: true };
    } catch (error) {
      const rpcError = this.#toRpcError(error, name);
      this.#options.onProcessed?.(name, rpcError.code);
      return failed(id, rpcError);
    }
  }

  async #run(method: Method, message: JsonObject, context: MethodContext): Promise<Json> {
    const result = (await method(new Params(member(message, 'params')), context)) ?? null;
    // It was carried out all the same; Kurento says so in this odd way.
    if ((member(message, 'id') ?? null) === null && isObject(result)) {
      throw new RpcError(
        rpcCodes.missingParameter,
        'Ignoring response because of a notification request',
        result,
      );
    }
    return result;
  }

  #toRpcError(error: unknown, method: string): RpcError {
    if (error instanceof RpcError) return error;
    this.#options.log.error({ err: error, method }, 'a request failed for a reason that has no code');
    const what = error instanceof Error ? error.message : String(error);
    return new RpcError(rpcCodes.internal, `Unexpected error while processing method: ${what}`);
  }
}

function failed(id: Json, error: RpcError): Processed {
  return { response: { id, jsonrpc: '2.0', error: error.toJson() }, isSuccess: false };
}

/** Whether it is no JSON-RPC 2.0 request. */
function problemWith(message: JsonObject): boolean {
  const id = member(message, 'id');
  return (
    member(message, 'jsonrpc') !== '2.0' ||
    typeof member(message, 'method') !== 'string' ||
    (typeof id === 'object' && id !== null)
  );
}

/** As a key of the cache: 1 and "1" are the same request. Undefined for a notification. */
function idOf(message: JsonObject): string | undefined {
  const id = member(message, 'id') ?? undefined;
  return id === undefined ? undefined : asString(id);
}

function givenSession(message: JsonObject): string | undefined {
  const params = member(message, 'params');
  return isObject(params) ? asString(member(params, 'sessionId')) : undefined;
}

/** The session a successful response names: it then belongs to the socket that asked. */
export function sessionOf(response: JsonObject): string | undefined {
  return isObject(response.result) ? asString(member(response.result, 'sessionId')) : undefined;
}
