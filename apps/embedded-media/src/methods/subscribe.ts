import { kurentoError } from '../rpc/kurento-error.js';
import type { Method } from './method.js';

/** Takes a reference, even where the event is not known. */
export const subscribe: Method = (params, { server }) => {
  const eventType = params.require().string('type');
  const id = params.string('object');
  const session = params.anySession();
  const object = server.use(session, id);
  if (!object.knowsEvent(eventType)) {
    throw kurentoError('MEDIA_OBJECT_EVENT_NOT_SUPPORTED', `Event '${eventType}' not supported`);
  }
  return { sessionId: session, value: server.subscriptions.add(session, object.id, eventType) };
};
