import type { Method } from './method.js';

export const ping: Method = params => {
  const session = params.givenSession();
  return { ...(session !== undefined && { sessionId: session }), value: 'pong' };
};
