import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, decode, encode } from 'dns-packet';

/** A name server on this machine that knows what a test tells it. */
export async function nameServer() {
  const records = new Map<string, Answer[]>();
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const { id, questions = [] } = decode(message);
    const [question] = questions;
    const key = `${question?.type} ${question?.name}`;
    asked.push(key);
    const answers = records.get(key);
    // 3: there is no such name.
    const flags = answers ? 0 : 3;
    socket.send(encode({ type: 'response', id, flags, questions, answers: answers ?? [] }), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    asked,
    address: `127.0.0.1:${socket.address().port}`,
    a: (name: string, addresses: string[], ttl = 5) =>
      records.set(
        `A ${name}`,
        addresses.map(data => ({ type: 'A', name, ttl, data })),
      ),
    srv: (name: string, targets: { target: string; port: number }[]) =>
      records.set(
        `SRV ${name}`,
        targets.map(data => ({ type: 'SRV', name, ttl: 5, data })),
      ),
    forget: () => records.clear(),
    close: () => socket.close(),
  };
}
