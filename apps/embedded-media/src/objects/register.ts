import type { JsonObject } from '../json.js';

/** A structured value as Kurento writes it: the Java client finds the class by these two members. */
export function register(type: string, properties: JsonObject): JsonObject {
  return { __module__: 'kurento', __type__: type, ...properties };
}
