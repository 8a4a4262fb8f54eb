import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ServerMessage } from '@manycast/protocol';
import { expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { sharedFrameOf, sharedMessage } from './shared-message.js';

it.each([0, 60, 125, 126, 65_535, 65_536, 100_000])(
  'a message of %i letters is one frame that any client reads',
  async letters => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const message = { id: 'error', code: 'internal', message: 'ä'.repeat(letters) } as ServerMessage;
    server.on('connection', (_ws, { socket }) => {
      const frame = sharedFrameOf(sharedMessage({}, () => message));
      // Between two of the library's own, which must come out as they went in.
      for (const ws of server.clients) ws.send('before');
      socket.write(frame as Buffer);
      for (const ws of server.clients) ws.send('after');
    });
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const heard: string[] = [];
    await new Promise<void>((resolve, reject) => {
      client.on('error', reject);
      client.on('message', (data, isBinary) => {
        expect(isBinary).toBe(false);
        if (heard.push(data.toString()) === 3) resolve();
      });
    });
    expect(heard).toEqual(['before', JSON.stringify(message), 'after']);
    client.terminate();
    await new Promise(done => server.close(done));
  },
);
