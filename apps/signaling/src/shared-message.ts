import type { ServerMessage } from '@manycast/protocol';

/** The one that is being told to everybody, one socket after the other. */
let present: { source: object; message: ServerMessage; frame: Buffer } | undefined;

/**
 * What `source` (an event, an entry: one object for all of this node) is told as. Everybody whom it is told to without
 * anything else in between gets the same message, and it is encoded once, however many sockets it goes to. Only the
 * last is known: a map of them all costs more for each entry than encoding it does, and a look into it for each socket.
 */
export function sharedMessage(source: object, build: () => ServerMessage): ServerMessage {
  if (present?.source === source) return present.message;
  const message = build();
  present = { source, message, frame: textFrame(JSON.stringify(message)) };
  return message;
}

/** The whole frame, header and all, of a message that goes to many; undefined when another was shared since. */
export const sharedFrameOf = (message: ServerMessage): Buffer | undefined =>
  present?.message === message ? present.frame : undefined;

/** RFC 6455, 5.2: one final text frame of a server, which is not masked. */
function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = 0x81;
  frame[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (headerLength === 4) frame.writeUInt16BE(length, 2);
  if (headerLength === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.write(text, headerLength);
  return frame;
}
