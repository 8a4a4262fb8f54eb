import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Cluster } from '../support/cluster.js';
import { printLogOnFailure } from '../support/print-log-on-failure.js';
import { waitFor } from '../support/wait-for.js';
import { Crowd } from './crowd.js';

const grace = { MANYCAST_PRESENTER_GRACE_MS: '60000', MANYCAST_VIEWER_GRACE_MS: '1500' };

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start({
    nodes: 2,
    controllers: 1,
    isPublic: true,
    env: grace,
    controllerEnv: { ...grace, MANYCAST_RECONCILE_MS: '500', MANYCAST_SETTLE_MS: '500' },
  });
});
afterAll(async () => {
  expect(await cluster.stop()).toEqual([]);
});
printLogOnFailure(() => [...cluster.nodes, ...cluster.controllers].map(({ process }) => process));

const soon = { timeoutMs: 30_000, intervalMs: 50 };

async function listed(query = ''): Promise<{ room: string; viewers: number }[]> {
  const response = await fetch(`${cluster.nodes[0]?.httpUrl}/rooms?query=${query}`);
  return ((await response.json()) as { rooms: { room: string; viewers: number }[] }).rooms;
}

describe('[R-PRES-1] [R-DIR-1] how many watch', () => {
  it('is told to everybody and listed, and right when a node dies with viewers that never come back', async () => {
    const crowd = new Crowd('presence', () => cluster.nodes.map(node => node.wsUrl('/one2many')));
    onTestFinished(() => crowd.leave());
    const presenter = await crowd.present();
    const viewers = await crowd.watch(8);
    const told = (count: number) =>
      waitFor(`${count} viewers to be told`, () => presenter.viewers === count, {
        ...soon,
        actual: () => presenter.viewers,
      });
    await told(8);
    await waitFor('the room to be listed', async () => (await listed('pres'))[0]?.viewers === 8, soon);

    // Three leave, and the node of some of the others dies with them.
    await Promise.all(viewers.slice(0, 3).map(({ session }) => session.leave()));
    await told(5);
    const doomed = await cluster.addNode();
    const lost = new Crowd('presence', () => [doomed.wsUrl('/one2many')]);
    await lost.watch(4);
    await told(9);
    const ended = Promise.all(lost.members.map(({ session }) => session.leave()));
    // Their goodbyes go to a node that is dead before it hears them.
    await Promise.all([cluster.kill(doomed), ended]);
    await told(5);
    await waitFor('the list to say so', async () => (await listed('presence'))[0]?.viewers === 5, soon);

    await presenter.session.leave();
    await waitFor(
      'the room to be gone from the list',
      async () => (await listed('presence')).length === 0,
      soon,
    );
  });

  it('refuses what it cannot read', async () => {
    const url = cluster.nodes[0]?.httpUrl;
    for (const bad of ['limit=0', 'limit=x', 'after=x', `query=${'x'.repeat(101)}`]) {
      const response = await fetch(`${url}/rooms?${bad}`);
      expect([bad, response.status]).toEqual([bad, 400]);
      expect(await response.json()).toMatchObject({ code: 'invalid-message', field: bad.split('=')[0] });
    }
  });
});
