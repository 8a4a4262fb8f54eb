import type { Method } from './method.js';

/** From any session, and children too; success also when there is nothing to release. */
export const release: Method = (params, { server }) => {
  const id = params.require().string('object');
  const session = params.anySession();
  server.release(id);
  return { sessionId: session };
};
