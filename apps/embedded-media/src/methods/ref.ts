import type { Method } from './method.js';

export const ref: Method = (params, { server }) => {
  const id = params.require().string('object');
  const session = params.session();
  server.use(session, id);
  return { sessionId: session };
};
