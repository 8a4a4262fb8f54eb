import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../support/cluster.js';
import { printFigure } from '../support/figures.js';
import { waitFor } from '../support/wait-for.js';
import { Crowd } from './crowd.js';

const people = 300;
const messages = 20_000;

let cluster: Cluster;
beforeAll(async () => {
  const grace = { MANYCAST_PRESENTER_GRACE_MS: '60000', MANYCAST_VIEWER_GRACE_MS: '60000' };
  cluster = await Cluster.start({
    nodes: 3,
    mediaServers: 1,
    controllers: 1,
    isPublic: true,
    // What was accepted outlives the process.
    redisArgs: ['--appendonly', 'yes', '--appendfsync', 'everysec'],
    env: {
      ...grace,
      MANYCAST_CHAT_PER_SECOND: '20',
      MANYCAST_CHAT_KEPT: '30000',
      MANYCAST_MEDIA_SERVER_CAPACITY: '1000',
    },
    controllerEnv: grace,
  });
});
afterAll(async () => {
  await cluster?.stop();
});

describe('[R-CHAT-1] figures of a chat', () => {
  it(`${people} people say ${messages} things while nodes and the controller are killed and Redis restarts`, async () => {
    const crowd = new Crowd('figures', () => cluster.nodes.map(node => node.wsUrl('/one2many')));
    await crowd.present();
    await crowd.watch(people - 1);
    const each = Math.ceil(messages / people);
    const beganMs = performance.now();
    const talking = Promise.all(
      crowd.members.map((member, number) => crowd.talk(member, `m${number}`, each, 300)),
    );
    const reached = (part: number) =>
      waitFor(
        `${part} of what is to be said`,
        () => crowd.accepted.size + crowd.refused >= each * people * part,
        { timeoutMs: 200_000, intervalMs: 100, actual: () => crowd.accepted.size },
      );
    const killNode = async () => {
      const [victim] = cluster.nodes;
      if (victim) await cluster.kill(victim);
      await cluster.addNode();
    };
    await reached(0.2);
    await killNode();
    await reached(0.4);
    await cluster.redis.kill();
    await cluster.redis.start();
    await reached(0.6);
    const [controller] = cluster.controllers;
    if (controller) await cluster.kill(controller);
    await cluster.addController();
    await reached(0.75);
    await killNode();
    await talking;
    const seconds = (performance.now() - beganMs) / 1_000;
    await crowd.untilAllHeard(60_000);
    const { lost, twice, outOfOrder } = crowd.verdict();
    const resumed = crowd.members.filter(({ restarts }) => restarts === 0).length;
    printFigure(
      'chat under faults',
      `${crowd.accepted.size} messages of ${people} people in ${seconds.toFixed(0)} s, 2 nodes and a controller killed, Redis restarted: lost ${lost}, twice ${twice}, out of order ${outOfOrder}; ${resumed} sessions continued each time, ${crowd.refused} messages given up by their sender`,
    );
    expect({ lost, twice, outOfOrder }).toEqual({ lost: 0, twice: 0, outOfOrder: 0 });
    expect(resumed).toBeGreaterThan(people * 0.9);
    await waitFor(
      'everybody to be told the true number of viewers',
      () => crowd.presenter.viewers === people - 1,
      { timeoutMs: 20_000, actual: () => crowd.presenter.viewers },
    );
    await crowd.leave();
  });
});
