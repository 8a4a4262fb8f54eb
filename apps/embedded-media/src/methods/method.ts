import type { Json, JsonObject } from '../json.js';
import type { MediaServer } from '../media-server.js';
import type { Params } from './params.js';

export interface MethodContext {
  server: MediaServer;
  /** Carries out a request inside of another one: an operation of a transaction. */
  process: (request: Json, context: MethodContext) => Promise<Processed>;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}

export interface Processed {
  /** Undefined: nothing is to be sent. */
  response: JsonObject | undefined;
  isSuccess: boolean;
}

/** A JSON-RPC method. `undefined` is answered as null. */
export type Method = (params: Params, context: MethodContext) => Json | undefined | Promise<Json | undefined>;
