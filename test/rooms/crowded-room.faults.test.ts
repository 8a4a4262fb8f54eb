import { readFileSync } from 'node:fs';
import { RoomName } from '@manycast/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Received, ReceiversOrder } from '../bench/receivers.js';
import { percentile } from '../bench/samples.js';
import { Stand } from '../bench/stand.js';
import { WireSocket } from '../bench/wire-socket.js';
import { numberFromRun } from '../support/environment.js';
import { printFigure } from '../support/figures.js';
import type { PrivateRedis } from '../support/redis-server.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { waitFor } from '../support/wait-for.js';
import { BusWatch } from './bus-watch.js';

/** More need more open files than `ulimit -n` gives to one process: a third of them are on each node. */
const viewers = numberFromRun('CROWD_VIEWERS', 10_000);
const messages = 100;
const room = 'crowded';
const text = 'A message as people write them in a chat, of about eighty letters or a few more.';

const stand = new Stand();
let redis: PrivateRedis;
let nodes: SignalingNode[];
beforeAll(async () => {
  const [store, media] = await Promise.all([stand.redis(), stand.mediaServer()]);
  redis = store;
  const env = { MANYCAST_CHAT_PER_SECOND: '1000' };
  const order = { redisUrl: redis.url, mediaServers: [media.url], env };
  nodes = await Promise.all([stand.node(order), stand.node(order), stand.node(order)]);
});
afterAll(() => stand.end());

describe('[R-CHAT-1] [R-PRES-1] a room with very many viewers on three nodes', () => {
  it(`${viewers} sockets: three bus messages for what is said, no command of Redis for one of them`, {
    timeout: 600_000,
  }, async () => {
    const [first] = nodes as [SignalingNode];
    const { socket: presenter } = await WireSocket.openModern(`${first.wsUrl('/one2many')}?room=${room}`);
    stand.onEnd(() => presenter.terminate());
    await presenter.join('presenter', room);
    const empty = nodes.map(residentMb);

    const beganMs = performance.now();
    const sizes = nodes.map((_, at) => Math.floor(viewers / 3) + (at < viewers % 3 ? 1 : 0));
    const crowds = await Promise.all(
      nodes.map((node, at) => {
        const url = `${node.wsUrl('/one2many')}?room=${room}`;
        const order: ReceiversOrder = { url, count: sizes[at] ?? 0, room, prefix: '{"id":"chat",' };
        return stand.clients('receivers.ts', order);
      }),
    );
    const joinedS = (performance.now() - beganMs) / 1_000;
    let told: number | undefined;
    presenter.onText = heard => {
      if (heard.startsWith('{"id":"presence"')) told = JSON.parse(heard).viewers;
    };
    const full = nodes.map(residentMb);

    const received = () =>
      Promise.all(
        crowds.map(async ({ port }) => (await (await fetch(`http://127.0.0.1:${port}`)).json()) as Received),
      );
    const count = (all: Received[]) => all.reduce((sum, { messages: heard }) => sum + heard, 0);
    /** Says something; ms until the last of them has it. */
    const say = async (number: number) => {
      const expected = count(await received()) + viewers;
      const sentAt = process.hrtime.bigint();
      presenter.send({ id: 'chat', clientId: `message-${number}`, text });
      await presenter.next('chatAccepted');
      const all = await waitFor(
        'everybody to have it',
        async () => {
          const now = await received();
          return count(now) >= expected ? now : undefined;
        },
        { timeoutMs: 60_000 },
      );
      const lastAt = Math.max(...all.map(({ lastAtNs }) => Number(BigInt(lastAtNs) - sentAt)));
      return lastAt / 1e6;
    };
    for (let number = -3; number < 0; number += 1) await say(number);

    const watch = await BusWatch.on(redis.url, RoomName.parse(room));
    stand.onEnd(() => watch.close());
    const tookMs: number[] = [];
    for (let number = 0; number < messages; number += 1) tookMs.push(await say(number));
    const { published, asked } = await watch.seen();
    const subscribers = await watch.subscribers();

    printFigure(
      'a crowded room',
      `${viewers} viewers on 3 nodes, in after ${joinedS.toFixed(0)} s; ${published.length} publications to ${subscribers} nodes each for ${messages} messages; ${asked.length} commands; from send to the last delivery ${percentile(tookMs, 0.5).toFixed(0)} ms (p50), ${percentile(tookMs, 0.99).toFixed(0)} ms (p99); memory of a node ${empty.map(mb => mb.toFixed(0)).join(', ')} MB empty, ${full.map(mb => mb.toFixed(0)).join(', ')} MB full`,
    );
    expect(subscribers).toBe(3);
    expect(published).toHaveLength(messages);
    expect(asked).toHaveLength(messages);
    await waitFor('the presenter to be told of all of them', () => told === viewers, {
      timeoutMs: 30_000,
      actual: () => told,
    });
  });
});

/** What a process holds, MB. */
function residentMb({ process }: SignalingNode): number {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${process.pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1_024;
}
