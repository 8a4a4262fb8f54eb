import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../support/cluster.js';
import { printFigure } from '../support/figures.js';
import { printLogOnFailure } from '../support/print-log-on-failure.js';
import { waitFor } from '../support/wait-for.js';
import { ChatterProcess } from './chatter-process.js';
import { Crowd, type Verdict } from './crowd.js';

const people = 300;
const messages = 20_000;
const processes = 3;
/** Of one person. All together say 150 in a second, which is 45,000 deliveries: what two cores bear. */
const pauseMs = 2_000;

let cluster: Cluster;
beforeAll(async () => {
  const grace = { MANYCAST_PRESENTER_GRACE_MS: '60000', MANYCAST_VIEWER_GRACE_MS: '60000' };
  cluster = await Cluster.start({
    nodes: 3,
    mediaServers: 1,
    controllers: 1,
    isPublic: true,
    // What was accepted outlives the process: it is on the disk before it is answered.
    redisArgs: ['--appendonly', 'yes', '--appendfsync', 'always'],
    env: { ...grace, MANYCAST_CHAT_KEPT: '30000', MANYCAST_MEDIA_SERVER_CAPACITY: '1000' },
    controllerEnv: grace,
  });
});
afterAll(async () => {
  await cluster?.stop();
});
printLogOnFailure(() => [...cluster.nodes, ...cluster.controllers].map(({ process }) => process));

describe('[R-CHAT-1] figures of a chat', () => {
  it(`${people} people say ${messages} things while nodes and the controller are killed and Redis restarts`, {
    timeout: 900_000,
  }, async () => {
    const urls = () => cluster.nodes.map(node => node.wsUrl('/one2many'));
    const crowd = new Crowd('figures', urls);
    const presenter = await crowd.present();
    const order = { urls: urls(), room: crowd.room, sdpOffer: await crowd.offer() };
    // One of them presents.
    const sizes = Array.from({ length: processes }, (_, at) => people / processes - (at === 0 ? 1 : 0));
    const chatters = await Promise.all(
      sizes.map((count, at) => ChatterProcess.start({ ...order, count, name: `p${at}-` })),
    );
    const each = Math.ceil(messages / people);
    const beganMs = performance.now();
    void crowd.talk(presenter, 'presenter', each, pauseMs);
    await Promise.all(chatters.map(process => process.talk({ each, pauseMs })));

    const progress = async () => {
      const parts = await Promise.all(chatters.map(process => process.progress()));
      return parts.reduce((sum, part) => sum + part, crowd.accepted.size + crowd.refused);
    };
    const reached = (part: number) =>
      waitFor(`${part} of what is to be said`, async () => (await progress()) >= each * people * part, {
        timeoutMs: 600_000,
        intervalMs: 200,
      });
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
    await reached(1);
    const seconds = (performance.now() - beganMs) / 1_000;

    const reports = await Promise.all(chatters.map(process => process.report()));
    const accepted = [...crowd.accepted, ...reports.flatMap(report => report.accepted)];
    const verdict = async () => {
      const others = await Promise.all(chatters.map(process => process.verdict(accepted)));
      return [crowd.verdict(new Map(accepted)), ...others].reduce(sum);
    };
    const hasHeard = async () => (await verdict()).lost === 0;
    const calm = { timeoutMs: 60_000, intervalMs: 500 };
    await waitFor('everybody to have heard everything', hasHeard, calm).catch(() => undefined);
    const found = await verdict();
    const members = [presenter, ...reports.flatMap(report => report.members)];
    const continued = members.filter(({ restarts }) => restarts === 0).length;
    const refusals = [crowd.refusals, ...reports.map(report => report.refusals)].flatMap(all => [...all]);
    const { lost, twice, outOfOrder, otherwise } = found;
    printFigure(
      'chat under faults',
      `${accepted.length} messages of ${people} people in ${seconds.toFixed(0)} s, 2 nodes and a controller killed, Redis restarted: lost ${lost}, twice ${twice}, out of order ${outOfOrder}, told otherwise ${otherwise}; ${continued} sessions continued each time; given up by their sender: ${JSON.stringify(refusals)}`,
    );
    expect(found).toEqual({ lost: 0, twice: 0, outOfOrder: 0, otherwise: 0 });
    expect(continued).toBe(people);
    expect(accepted).toHaveLength(each * people);
    const told = async () => {
      const parts = await Promise.all(chatters.map(process => process.report()));
      return [presenter, ...parts.flatMap(part => part.members)].map(({ viewers }) => viewers);
    };
    await waitFor(
      'everybody to be told the true number of viewers',
      async () => (await told()).every(viewers => viewers === people - 1),
      { timeoutMs: 20_000, intervalMs: 500, actual: () => presenter.viewers },
    );
    await Promise.all([crowd.leave(), ...chatters.map(process => process.leave())]);
    for (const { process } of chatters) await process.stop();
  });
});

const sum = (a: Verdict, b: Verdict): Verdict => ({
  lost: a.lost + b.lost,
  twice: a.twice + b.twice,
  outOfOrder: a.outOfOrder + b.outOfOrder,
  otherwise: a.otherwise + b.otherwise,
});
