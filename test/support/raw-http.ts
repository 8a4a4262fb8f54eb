import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A TCP connection that sends exactly this text and stays open. */
export async function sendRaw(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** The status of the answer to exactly this text; undefined when the connection ends without one. */
export async function rawStatus(port: number, text: string): Promise<number | undefined> {
  const socket = await sendRaw(port, text);
  let answer = '';
  for await (const chunk of socket.setTimeout(5_000, () => socket.destroy())) {
    answer += chunk;
    if (answer.includes('\r\n')) break;
  }
  socket.destroy();
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
  return status === undefined ? undefined : Number(status);
}

/** The opening of a WebSocket, with what is to be wrong about it in its place. */
export function handshake(target: string, replaced: Record<string, string> = {}): string {
  const headers = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...replaced,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
