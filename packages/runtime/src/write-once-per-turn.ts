import type { Writable } from 'node:stream';

/**
 * What is written to a stream in one turn of the event loop leaves in one system call, at the end of that turn: under
 * load a node hears many clients in a turn, and has something to ask Redis or a media server for each. A single one is not
 * kept waiting, because with nothing else to do the turn ends at once. Order, replies and errors stay as they were.
 */
export function writeOncePerTurn(stream: Writable): void {
  const write = stream.write;
  let isCorked = false;
  const flush = () => {
    isCorked = false;
    stream.uncork();
  };
  stream.write = function (this: Writable, ...args: Parameters<Writable['write']>) {
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      setImmediate(flush);
    }
    return write.apply(this, args);
  } as Writable['write'];
}
