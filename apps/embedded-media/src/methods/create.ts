import type { Method } from './method.js';

export const create: Method = (params, { server }) => {
  const type = params.require().string('type');
  const session = params.anySession();
  const object = server.create(session, type, params.get('constructorParams'));
  return { value: object.id, sessionId: session };
};
