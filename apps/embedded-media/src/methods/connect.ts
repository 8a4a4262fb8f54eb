import { kurentoError } from '../rpc/kurento-error.js';
import type { Method } from './method.js';

/** Says who one is: a new session, or one that exists, which the sender's socket then takes over. */
export const connect: Method = (params, { server }) => {
  const given = params.givenSession();
  if (given !== undefined && !server.sessions.keepAlive(given)) {
    throw kurentoError('INVALID_SESSION', 'Invalid session');
  }
  return { sessionId: params.anySession(), serverId: server.serverId };
};
