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
  frames.set(message, textFrame(Buffer.from(JSON.stringify(message))));
  return message;
}

/** The whole frame, header and all, of a message that goes to many. */
export const sharedFrameOf = (message: ServerMessage): Buffer | undefined => frames.get(message);

/** RFC 6455, 5.2: one final text frame of a server, which is not masked. */
function textFrame(payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = 0x81;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}
