import { randomUUID } from 'node:crypto';
import { asBoolean, asString, isObject, type Json, type JsonObject, member } from '../json.js';
import { missingParameter, RpcError, rpcCodes } from '../rpc/rpc-error.js';
import { type SessionId, sessionId } from '../sessions/ids.js';

/** The parameters of a JSON-RPC method, read with Kurento's checks and its words for what is wrong. */
export class Params {
  readonly #values: JsonObject | undefined;

  constructor(values: Json | undefined) {
    if (values !== undefined && values !== null && !isObject(values)) {
      throw new RpcError(
        rpcCodes.internal,
        'Unexpected error while processing method: params is not an object',
      );
    }
    this.#values = values ?? undefined;
  }

  get(name: string): Json | undefined {
    return member(this.#values ?? {}, name);
  }

  /** Every method but `connect` and `ping` asks for params before it looks into them. */
  require(): this {
    if (this.#values) return this;
    throw new RpcError(rpcCodes.invalidParams, "'params' is required", { type: 'INVALID_PARAMS' });
  }

  string(name: string): string {
    const value = this.#given(name);
    const text = asString(value);
    if (text === undefined) throw missingParameter(`'${name}' parameter should be a string`);
    return text;
  }

  array(name: string): Json[] {
    const value = this.#given(name);
    if (!Array.isArray(value)) throw missingParameter(`'${name}' parameter should be an array`);
    return value;
  }

  /** False too when it is not given or cannot be read as a boolean. */
  flag(name: string): boolean {
    return asBoolean(this.get(name)) ?? false;
  }

  session(): SessionId {
    return sessionId(this.string('sessionId'));
  }

  /** The session that is named, if one is. */
  givenSession(): SessionId | undefined {
    const name = asString(this.get('sessionId'));
    return name === undefined ? undefined : sessionId(name);
  }

  /** The session that is named, or a new one. It comes into being when it first holds an object. */
  anySession(): SessionId {
    return this.givenSession() ?? sessionId(randomUUID());
  }

  #given(name: string): Json {
    const value = this.get(name);
    if (value === undefined) throw missingParameter(`'${name}' parameter is required`);
    return value;
  }
}
