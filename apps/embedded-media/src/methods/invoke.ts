import { isObject } from '../json.js';
import { Args } from '../operations/args.js';
import { findOperation } from '../operations/find-operation.js';
import type { Method } from './method.js';

/** Takes a reference, whatever becomes of the operation. */
export const invoke: Method = async (params, { server, signal }) => {
  const name = params.require().string('operation');
  const id = params.string('object');
  const session = params.anySession();
  const object = server.use(session, id);
  const given = params.get('operationParams');
  const operation = findOperation(object, name, isObject(given) ? Object.keys(given).length : 0);
  const value = await operation(new Args('operationParams', given), { server, signal });
  return { value: value ?? null, sessionId: session };
};
