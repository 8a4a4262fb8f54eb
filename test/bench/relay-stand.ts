import { io } from 'socket.io-client';
import type { Stand } from './stand.js';
import { WireSocket } from './wire-socket.js';

const text = 'A message as people write them in a chat, of about eighty letters or a few more.';

/** One sender and one listener, on different nodes. */
export interface Pair {
  /** Says something; the name comes back with what the listener hears. */
  say(name: string): void;
  /** Called with the name of what the listener heard. */
  onHeard: (name: string) => void;
}

export interface RelaySide {
  readonly name: 'ours' | 'peer';
  readonly pairs: readonly Pair[];
  /** What works for it: the senders’ node, the listeners’ node, Redis. */
  readonly processes: readonly { name: string; pid: number }[];
}

const nameIn = /"clientId":"([^"]*)"/;

/** Rooms of two, who sit on two nodes: every message crosses the bus once and is heard once over there. */
export async function relaySides(stand: Stand, pairCount: number): Promise<[RelaySide, RelaySide]> {
  return [await ours(stand, pairCount), await socketIo(stand, pairCount)];
}

async function ours(stand: Stand, pairCount: number): Promise<RelaySide> {
  const [redis, media] = await Promise.all([stand.redis(), stand.mediaServer()]);
  const start = () =>
    stand.node({
      redisUrl: redis.url,
      mediaServers: [media.url],
      env: { MANYCAST_CHAT_PER_SECOND: '1000', MANYCAST_CHAT_KEPT: '1000' },
    });
  const [here, there] = await Promise.all([start(), start()]);
  const pairs: Pair[] = [];
  for (let index = 0; index < pairCount; index += 1) {
    const room = `pair-${index}`;
    const { socket: listener } = await WireSocket.openModern(`${there.wsUrl('/one2many')}?room=${room}`);
    await listener.join('presenter', room);
    const { socket: sender } = await WireSocket.openModern(`${here.wsUrl('/one2many')}?room=${room}`);
    await sender.join('viewer', room);
    stand.onEnd(() => sender.terminate());
    stand.onEnd(() => listener.terminate());
    const pair: Pair = {
      say: name => sender.send({ id: 'chat', clientId: name, text }),
      onHeard: () => {},
    };
    listener.onText = heard => {
      if (heard.startsWith('{"id":"chat",')) pair.onHeard(nameIn.exec(heard)?.[1] ?? '');
    };
    pairs.push(pair);
  }
  return { name: 'ours', pairs, processes: processes(here, there, redis) };
}

async function socketIo(stand: Stand, pairCount: number): Promise<RelaySide> {
  const redis = await stand.redis();
  const start = () => stand.peer('socket-io-node.mjs', redis.url);
  const [here, there] = await Promise.all([start(), start()]);
  const open = async (port: number, room: string) => {
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    stand.onEnd(() => socket.close());
    await socket.emitWithAck('join', room);
    return socket;
  };
  const pairs: Pair[] = [];
  for (let index = 0; index < pairCount; index += 1) {
    const room = `pair-${index}`;
    const [listener, sender] = await Promise.all([open(there.port, room), open(here.port, room)]);
    const pair: Pair = {
      say: name => void sender.emit('chat', { clientId: name, text }, () => {}),
      onHeard: () => {},
    };
    listener.on('chat', ({ clientId }: { clientId: string }) => pair.onHeard(clientId));
    pairs.push(pair);
  }
  return { name: 'peer', pairs, processes: processes(here, there, redis) };
}

type Started = { process: { pid: number } };
const processes = (here: Started, there: Started, redis: Started) => [
  { name: 'the senders’ node', pid: here.process.pid },
  { name: 'the listeners’ node', pid: there.process.pid },
  { name: 'Redis', pid: redis.process.pid },
];
