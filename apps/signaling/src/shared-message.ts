import type { ServerMessage } from '@manycast/protocol';

const messages = new WeakMap<object, ServerMessage>();
const frames = new WeakMap<ServerMessage, Buffer>();

/**
 * What `source` (an event, an entry: one object for all of this node) is told as. Everybody gets the same message, and
 * it is encoded once, however many sockets it goes to.
 */
export function sharedMessage(source: object, build: () => ServerMessage): ServerMessage {
  const known = messages.get(source);
  if (known) return known;
  const message = build();
  messages.set(source, message);
  frames.set(message, Buffer.from(JSON.stringify(message)));
  return message;
}

/** A text frame's payload. */
export const frameOf = (message: ServerMessage): Buffer | string =>
  frames.get(message) ?? JSON.stringify(message);
