export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member of that name, or undefined; never one of Object.prototype. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

// What Kurento's JSON library (jsoncpp) lets pass where a type is asked for. undefined: it would not.

export function asString(value: Json | undefined): string | undefined {
  if (value === null) return '';
  if (typeof value === 'object') return undefined;
  return value === undefined ? undefined : String(value);
}

export function asInteger(value: Json | undefined): number | undefined {
  if (value === null) return 0;
  if (typeof value === 'boolean') return Number(value);
  const isInRange = typeof value === 'number' && value >= -0x80000000 && value <= 0x7fffffff;
  return isInRange ? Math.trunc(value) : undefined;
}

export function asBoolean(value: Json | undefined): boolean | undefined {
  if (value === null) return false;
  return typeof value === 'boolean' || typeof value === 'number' ? Boolean(value) : undefined;
}
