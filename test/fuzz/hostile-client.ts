import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { handshake } from '../support/raw-http.js';

/** Generous: the machine may be busy with other things. */
const closeDeadlineMs = 60_000;

/** How a hostile client ends: it may not even read what it is told. */
export type Ending = 'close' | 'reset' | 'half-close' | 'stop-reading';

/**
 * Opens a WebSocket by hand, sends exactly these bytes, and goes. Resolves when the connection is gone; a server that
 * keeps it although it has to close is found by the deadline, which rejects.
 */
export async function sendHostile(
  { port, path, headers }: { port: number; path: string; headers?: Record<string, string> },
  bytes: Buffer,
  { ending, mustClose }: { ending: Ending; mustClose: boolean },
): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  await Promise.race([once(socket, 'connect'), closed]);
  socket.write(Buffer.concat([Buffer.from(handshake(path, headers)), bytes]));
  if (ending === 'stop-reading') socket.pause();
  else socket.resume();
  if (mustClose && ending !== 'stop-reading') await within(closeDeadlineMs, closed, socket);
  else await flushed(socket);
  if (ending === 'half-close') {
    socket.end();
    await within(closeDeadlineMs, closed, socket);
  } else if (ending === 'reset') socket.resetAndDestroy();
  else socket.destroy();
  await closed;
}

const flushed = (socket: Socket): Promise<unknown> =>
  socket.destroyed
    ? Promise.resolve()
    : Promise.race([new Promise(resolve => socket.write('', resolve)), once(socket, 'close')]);

async function within(ms: number, closed: Promise<unknown>, socket: Socket): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const deadline = new Promise((_, reject) => {
    late = setTimeout(() => {
      socket.destroy();
      reject(new Error('the server has not closed a connection that it has to close'));
    }, ms);
  });
  await Promise.race([closed, deadline]).finally(() => clearTimeout(late));
}
