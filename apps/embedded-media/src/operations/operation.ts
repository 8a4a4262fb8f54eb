import type { Json } from '../json.js';
import type { MediaServer } from '../media-server.js';
import type { MediaObject } from '../objects/media-object.js';
import type { Args } from './args.js';

export interface OperationContext {
  server: MediaServer;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}

/** What `invoke` can do to an object of a type. `undefined` is answered as null. */
export type Operation<T extends MediaObject> = (
  target: T,
  args: Args,
  context: OperationContext,
) => Json | undefined | Promise<Json>;

export type Operations<T extends MediaObject> = Readonly<Record<string, Operation<T>>>;
