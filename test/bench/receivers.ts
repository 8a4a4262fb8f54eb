import { createServer } from 'node:http';
import { WireSocket } from './wire-socket.js';

/**
 * A process of its own: many sockets of one server, which it does nothing with but count what they are sent after
 * everybody is there. Arguments: port, then JSON of what to open. `GET /` tells what came.
 */
export interface ReceiversOrder {
  url: string;
  count: number;
  /** As viewers of that room, of `manycast.v1`; without it sockets are opened and nothing is said. */
  room?: string;
  /** Only texts that begin with it count. */
  prefix: string;
}

export interface Received {
  messages: number;
  /** Of the last one, by the system's monotonic clock. */
  lastAtNs: string;
}

const atOnce = 50;

async function hold(port: number, { url, count, room, prefix }: ReceiversOrder): Promise<void> {
  let messages = 0;
  let lastAt = 0n;
  const onText = (text: string) => {
    if (!text.startsWith(prefix)) return;
    messages += 1;
    lastAt = process.hrtime.bigint();
  };
  const open = async () => {
    const socket = room === undefined ? await WireSocket.open(url) : await joined(url, room);
    socket.onText = onText;
  };
  for (let held = 0; held < count; held += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, count - held) }, open));
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ messages, lastAtNs: String(lastAt) } satisfies Received));
  });
  server.listen(port, '127.0.0.1', () => process.stdout.write('ready\n'));
}

async function joined(url: string, room: string): Promise<WireSocket> {
  const { socket } = await WireSocket.openModern(url);
  await socket.join('viewer', room);
  return socket;
}

const [port, order] = process.argv.slice(2);
await hold(Number(port), JSON.parse(order ?? '{}'));
