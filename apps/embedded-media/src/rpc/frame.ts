import { asString, isObject, type Json, member } from '../json.js';

/**
 * Reads a frame, and names the socket's session in it where it names none. Undefined for a frame at which
 * Kurento drops the socket without a word: no JSON at all, or (on a socket that has a session) a place for the
 * session's name that cannot take it.
 */
export function readFrame(text: string, boundSession: string | undefined): { message: Json } | undefined {
  const message = parse(text);
  if (message === undefined || boundSession === undefined || message === null) {
    return message === undefined ? undefined : { message };
  }
  if (!isObject(message)) return undefined;
  const params = member(message, 'params') ?? {};
  if (!isObject(params)) return undefined;
  if (asString(member(params, 'sessionId')) !== undefined) return { message };
  return { message: { ...message, params: { ...params, sessionId: boundSession } } };
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
