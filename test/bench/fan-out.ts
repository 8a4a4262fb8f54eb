import { waitFor } from '../support/wait-for.js';
import { type Benchmark, figure } from './benchmark.js';
import { cpuSeconds } from './cpu-time.js';
import type { Received, ReceiversOrder } from './receivers.js';
import { median } from './samples.js';
import type { Stand } from './stand.js';
import { WireSocket } from './wire-socket.js';

const sockets = 10_000;
const text = 'A message as people write them in a chat, of about eighty letters or a few more.';
const room = 'crowded';

interface Side {
  name: 'ours' | 'peer';
  pid: number;
  receivers: { port: number };
  /** Has one event sent to every socket. */
  tell(): Promise<unknown>;
}

/** The receivers live in processes of their own; what is measured is the sender’s CPU time, which they cannot hide. */
export const fanOut: Benchmark = {
  names: ['fan-out'],
  about:
    'one chat message to 10,000 local sockets, per CPU second of the node; peer: a bare ws loop with one encoded frame',
  async run(stand, options) {
    const peer = await stand.peer('ws-sockets.mjs');
    const [redis, media] = await Promise.all([stand.redis(), stand.mediaServer()]);
    // Nobody is turned away while all of them come, and no pings come in between.
    const env = {
      MANYCAST_CHAT_PER_SECOND: '1000',
      MANYCAST_MAX_LAG_MS: '600000',
      MANYCAST_MAX_BUSY_PERCENT: '0',
      MANYCAST_HEARTBEAT_MS: '600000',
    };
    const node = await stand.node({ redisUrl: redis.url, mediaServers: [media.url], env });
    const { socket: presenter } = await WireSocket.openModern(`${node.wsUrl('/one2many')}?room=${room}`);
    stand.onEnd(() => presenter.terminate());
    await presenter.join('presenter', room);
    let said = 0;
    const say = () => {
      said += 1;
      presenter.send({ id: 'chat', clientId: `message-${said}`, text });
      return presenter.next('chatAccepted');
    };
    let bytes = 0;
    presenter.onText = heard => {
      if (heard.startsWith('{"id":"chat",')) bytes = Buffer.byteLength(heard);
    };
    // What is said before its sender is in the chat is history to it, and not heard.
    while (bytes === 0) await say();
    const ours = await receivers(stand, {
      url: `${node.wsUrl('/one2many')}?room=${room}`,
      count: sockets,
      room,
      prefix: '{"id":"chat",',
    });
    const bare = await receivers(stand, { url: `ws://127.0.0.1:${peer.port}`, count: sockets, prefix: 'x' });
    const tellBare = () => fetch(`http://127.0.0.1:${peer.port}/?bytes=${bytes}`);
    const sides: Side[] = [
      { name: 'ours', pid: node.process.pid, receivers: ours, tell: say },
      { name: 'peer', pid: peer.process.pid, receivers: bare, tell: tellBare },
    ];
    const cpu = { ours: 0, peer: 0 };
    const tookMs = { ours: [] as number[], peer: [] as number[] };
    const rounds = options.isQuick ? 12 : 40;
    for (let round = -3; round < rounds; round += 1) {
      for (const side of round % 2 ? sides : sides.toReversed()) {
        const before = cpuSeconds(side.pid);
        const ms = await tellAll(side);
        if (round < 0) continue;
        cpu[side.name] += cpuSeconds(side.pid) - before;
        tookMs[side.name].push(ms);
      }
    }
    stand.notes.push(
      `until the last of 10,000 had it, on ${bytes} bytes: ours ${median(tookMs.ours).toFixed(0)} ms, peer ${median(tookMs.peer).toFixed(0)} ms (medians; most of it is the receivers)`,
    );
    const perSecond = (name: Side['name']) => (rounds * sockets) / cpu[name];
    return [figure('fan-out', perSecond('ours'), perSecond('peer'), 'messages sent per CPU second')];
  },
};

/** Resolves when everybody has it, with the time that it took. */
async function tellAll(side: Side): Promise<number> {
  const expected = (await received(side)).messages + sockets;
  const startedAt = process.hrtime.bigint();
  await side.tell();
  const { lastAtNs } = await waitFor(
    'everybody to have the message',
    async () => {
      const now = await received(side);
      return now.messages >= expected ? now : undefined;
    },
    { timeoutMs: 20_000, intervalMs: 20 },
  );
  return Number(BigInt(lastAtNs) - startedAt) / 1e6;
}

async function received({ receivers: { port } }: Side): Promise<Received> {
  return (await (await fetch(`http://127.0.0.1:${port}`)).json()) as Received;
}

const receivers = (stand: Stand, order: ReceiversOrder) => stand.clients('receivers.ts', order);
