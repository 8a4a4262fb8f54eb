import { qualified } from '../objects/object-type.js';
import type { Method } from './method.js';

/** Takes a reference. */
export const describe: Method = (params, { server }) => {
  const session = params.require().anySession();
  const { type } = server.use(session, params.string('object'));
  return {
    sessionId: session,
    type: type.name,
    qualifiedType: qualified(type.name),
    hierarchy: [...type.hierarchy],
  };
};
