import { objectId } from '../sessions/ids.js';
import type { Method } from './method.js';

/** Answers success whether there was such a subscription or not. */
export const unsubscribe: Method = (params, { server }) => {
  const object = objectId(params.require().string('object'));
  const subscription = params.string('subscription');
  const session = params.session();
  server.subscriptions.remove(session, object, subscription);
  return { sessionId: session };
};
