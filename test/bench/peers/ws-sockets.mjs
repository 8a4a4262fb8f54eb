// As little as a WebSocket server can be: keeps sockets, and sends one frame to all of them when told to.
// Usage: ws-sockets.mjs <port>. A GET of /?bytes=N has it send a frame of that many bytes.
import { createServer } from 'node:http';
import { Sender, WebSocketServer } from 'ws';

const [port] = process.argv.slice(2);
const http = createServer((request, response) => {
  const bytes = Number(new URL(request.url, 'http://peer').searchParams.get('bytes'));
  broadcast('x'.repeat(bytes));
  response.end('sent');
});
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', ws => {
  ws.on('error', () => {});
  ws.on('message', () => {});
});
http.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));

/** Encoded once; from there on it is one write per socket. */
function broadcast(text) {
  const frame = Buffer.concat(
    Sender.frame(Buffer.from(text), { fin: true, opcode: 1, mask: false, readOnly: true, rsv1: false }),
  );
  for (const { _socket } of server.clients) _socket.write(frame);
}
