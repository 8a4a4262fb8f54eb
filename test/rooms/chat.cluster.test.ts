import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Cluster } from '../support/cluster.js';
import { printLogOnFailure } from '../support/print-log-on-failure.js';
import { RedisMonitor } from '../support/redis-monitor.js';
import { waitFor } from '../support/wait-for.js';
import { Crowd } from './crowd.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start({
    nodes: 3,
    controllers: 1,
    isPublic: true,
    env: { MANYCAST_CHAT_PER_SECOND: '50' },
  });
});
afterAll(async () => {
  expect(await cluster.stop()).toEqual([]);
});
printLogOnFailure(() => [...cluster.nodes, ...cluster.controllers].map(({ process }) => process));

const newCrowd = (room: string): Crowd => {
  const crowd = new Crowd(room, () => cluster.nodes.map(node => node.wsUrl('/one2many')));
  onTestFinished(() => crowd.leave());
  return crowd;
};

describe('[R-CHAT-1] a chat over three nodes', () => {
  it('reaches everybody in one order, each message once, though a node is killed while they talk', async () => {
    const crowd = newCrowd('killed');
    await crowd.present();
    const viewers = await crowd.watch(9);
    const talking = Promise.all(
      [crowd.presenter, ...viewers].map((member, number) => crowd.talk(member, `m${number}`, 30, 20)),
    );
    await waitFor('the talk to be under way', async () => crowd.accepted.size > 50, { timeoutMs: 20_000 });
    const victim = cluster.nodes.find(({ process }) => process.isRunning());
    if (!victim) throw new Error('unreachable');
    await cluster.kill(victim);
    await cluster.addNode();
    await talking;
    expect([crowd.accepted.size, crowd.refused]).toEqual([300, 0]);
    await crowd.untilAllHeard();
    expect(crowd.members.map(({ restarts, gaps }) => restarts + gaps)).toEqual(crowd.members.map(() => 0));
    expect(crowd.verdict()).toEqual({ lost: 0, twice: 0, outOfOrder: 0, otherwise: 0 });
  });

  it('costs one command and no more for a message, however many hear it', async () => {
    const crowd = newCrowd('cheap');
    await crowd.present();
    await crowd.watch(6);
    // Who has just come is still counted, which is a command of its own.
    await waitFor('everybody to be counted', async () => crowd.members.every(({ viewers }) => viewers === 6));
    const monitor = await RedisMonitor.on(cluster.redis.url);
    onTestFinished(() => monitor.close());
    await monitor.barrier();
    const before = monitor.calls.length;
    await crowd.talk(crowd.presenter, 'cheap', 5);
    await crowd.untilAllHeard();
    await monitor.barrier();
    const calls = monitor.calls.slice(before).filter(call => call.includes('{room:cheap}'));
    // Published by the script itself: the server sends one message to each node.
    expect(calls.filter(call => !call.includes('"clientId"'))).toEqual([]);
    // What a node hears in one turn of its event loop is said by one.
    expect(calls.length).toBeLessThanOrEqual(5);
    expect(calls.join().match(/"clientId"/g)).toHaveLength(5);
  });

  it('gives one who comes late the pages of before', async () => {
    const crowd = newCrowd('late');
    const presenter = await crowd.present();
    await crowd.talk(presenter, 'early', 12);
    const [late] = await crowd.watch(1);
    await waitFor('the chat to be entered', async () => late?.viewers !== undefined);
    const page = await late?.session.chat.history({ limit: 5 });
    expect(page).toMatchObject({ first: 1, last: 12 });
    const texts = page?.entries.map(entry => entry.type === 'message' && entry.text);
    expect(texts).toEqual([8, 9, 10, 11, 12].map(number => `early ${number}`));
    expect(late?.heard.count).toBe(0);
  });
});
