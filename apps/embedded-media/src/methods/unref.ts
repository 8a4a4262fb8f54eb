import type { Method } from './method.js';

/** Success also when the session did not hold the object. */
export const unref: Method = (params, { server }) => {
  const id = params.require().string('object');
  const session = params.session();
  server.unref(session, id);
  return { sessionId: session };
};
