import type { Method } from './method.js';

/** What only this session holds is gone; with `release: true` what others hold as well. */
export const closeSession: Method = (params, { server }) => {
  const session = params.require().session();
  server.closeSession(session, { release: params.flag('release') });
  return undefined;
};
