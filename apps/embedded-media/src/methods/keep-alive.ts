import { kurentoError } from '../rpc/kurento-error.js';
import type { Method } from './method.js';

export const keepAlive: Method = (params, { server }) => {
  const session = params.require().session();
  if (!server.sessions.keepAlive(session)) throw kurentoError('INVALID_SESSION', 'Invalid session');
  return { sessionId: session };
};
