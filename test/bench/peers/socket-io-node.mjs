// One node of a chat on socket.io with its Redis adapter, as its documentation has it.
// Usage: socket-io-node.mjs <port> <Redis' URL>
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

const [port, redisUrl] = process.argv.slice(2);
const publisher = new Redis(redisUrl);
const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(publisher, publisher.duplicate()),
  transports: ['websocket'],
});
let said = 0;
io.on('connection', socket => {
  socket.on('join', (room, done) => {
    socket.data.room = room;
    socket.join(room);
    done();
  });
  // To everybody in the room, who says it included, and a receipt: what a chat of ours does.
  socket.on('chat', ({ clientId, text }, done) => {
    said += 1;
    io.to(socket.data.room).emit('chat', { from: socket.id, clientId, text, offset: said, atMs: Date.now() });
    done({ clientId, offset: said });
  });
});
http.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
