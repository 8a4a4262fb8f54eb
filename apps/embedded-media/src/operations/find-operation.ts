import type { Json } from '../json.js';
import { MediaElement } from '../objects/media-element.js';
import type { MediaObject } from '../objects/media-object.js';
import { MediaPipeline } from '../objects/media-pipeline.js';
import { ServerManager } from '../objects/server-manager.js';
import { WebRtcEndpoint } from '../objects/webrtc-endpoint.js';
import { kurentoError } from '../rpc/kurento-error.js';
import type { Args } from './args.js';
import { mediaElementOperations } from './media-element.js';
import { mediaPipelineOperations } from './media-pipeline.js';
import type { OperationContext, Operations } from './operation.js';
import { serverManagerOperations } from './server-manager.js';
import { webRtcEndpointOperations } from './webrtc-endpoint.js';

type Bound = (args: Args, context: OperationContext) => Json | undefined | Promise<Json>;

/** The operation of that name on that object. `argCount` serves the words of the refusal only. */
export function findOperation(object: MediaObject, name: string, argCount: number): Bound {
  if (object instanceof WebRtcEndpoint) return bound(webRtcEndpointOperations, object, name, argCount);
  if (object instanceof MediaElement) return bound(mediaElementOperations, object, name, argCount);
  if (object instanceof MediaPipeline) return bound(mediaPipelineOperations, object, name, argCount);
  if (object instanceof ServerManager) return bound(serverManagerOperations, object, name, argCount);
  throw new Error(`no operations for the type ${object.type.name}`);
}

function bound<T extends MediaObject>(
  operations: Operations<T>,
  target: T,
  name: string,
  argCount: number,
): Bound {
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation) return (args, context) => operation(target, args, context);
  // Kurento answers with the code of a malformed transaction here, too.
  throw kurentoError('MALFORMED_TRANSACTION', `Method '${name}' with ${argCount} parameters not found`);
}
