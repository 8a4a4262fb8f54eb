import { describe, expect, it } from 'vitest';
import { readMetric } from '../support/metric.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';

describe('a node that is told to end', () => {
  const stage = new Stage({ nodes: 1, mediaServers: 1 });
  const goingAway = { code: 4000, reason: 'this node is going away' };

  /** A node for one case, behind the two that stay. */
  async function leavingNode(env: Record<string, string> = {}) {
    const node = await stage.cluster.addNode(env);
    return { node, index: stage.cluster.nodes.indexOf(node) };
  }
  async function ended(node: Awaited<ReturnType<typeof leavingNode>>['node']) {
    const exit = await node.process.exited;
    stage.cluster.nodes.splice(stage.cluster.nodes.indexOf(node), 1);
    return exit;
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '[R-ROOM-4] by %s: its presenters’ viewers elsewhere are told, its media goes, it ends with 0',
    async signal => {
      const { node, index } = await leavingNode();
      const room = stage.newRoom();
      const presenter = await stage.presenter(index, room);
      const here = await stage.viewer(index, room);
      const elsewhere = await stage.viewer(0, room);
      node.process.kill(signal);
      await elsewhere.wire.next('stopCommunication');
      expect(await presenter.wire.closed).toEqual(goingAway);
      expect(await here.wire.closed).toEqual(goingAway);
      expect(await ended(node)).toEqual({ code: 0, signal: null });
      await stage.untilFigures({ sessions: 0, pipelines: 0, endpoints: 0 }, 1_000);
      await stage.servesFreshBroadcast();
    },
  );

  it('[R-ROOM-5] with viewers only: their endpoints go, the broadcast does not notice', async () => {
    const { node, index } = await leavingNode();
    const room = stage.newRoom();
    const presenter = await stage.presenter(0, room);
    const stays = await stage.viewer(0, room);
    const leaves = await stage.viewer(index, room);
    node.process.kill('SIGTERM');
    expect(await leaves.wire.closed).toEqual(goingAway);
    expect(await ended(node)).toEqual({ code: 0, signal: null });
    await stage.untilFigures({ sessions: 2, endpoints: 2 });
    await stays.untilSeen();
    await presenter.wire.barrier();
    expect(presenter.wire.ids.filter(id => id.startsWith('stop'))).toEqual([]);
  });

  it('[R-ROOM-4] in the middle of a start: the room is free, nothing is left', async () => {
    const { node, index } = await leavingNode();
    const room = stage.newRoom();
    const [gate] = stage.cluster.gates;
    gate?.hold('request', /"MediaPipeline"/);
    const starting = await stage.wire(index);
    starting.send({ id: 'presenter', sdpOffer: stage.offers.presenter, room });
    await gate?.untilHeld();
    node.process.kill('SIGTERM');
    expect(await starting.closed).toEqual(goingAway);
    gate?.open();
    expect(await ended(node)).toEqual({ code: 0, signal: null });
    const presenter = await stage.wire(0);
    const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room };
    expect(await presenter.ask(offer, 'presenterResponse')).toMatchObject({ response: 'accepted' });
    try {
      await stage.untilFigures({ sessions: 1, pipelines: 1, endpoints: 1 }, 2_000);
    } finally {
      await stage.cluster.releaseEverything();
    }
  });

  it('[R-NODE-1] while it drains it is not ready and takes no sockets', async () => {
    const { node, index } = await leavingNode();
    const client = await stage.wire(index);
    const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room: stage.newRoom() };
    await client.ask(offer, 'presenterResponse');
    stage.cluster.redis.process.kill('SIGSTOP');
    node.process.kill('SIGTERM');
    await waitFor('the node to drain', async () => {
      const response = await fetch(`${node.httpUrl}/readyz`);
      return response.status === 503 && (await response.json()).problems.includes('draining');
    });
    expect(await WireClient.refusedWith(node.wsUrl('/one2many'))).toBe(503);
    stage.cluster.redis.process.kill('SIGCONT');
    expect(await client.closed).toEqual(goingAway);
    expect(await ended(node)).toEqual({ code: 0, signal: null });
  });

  it('while Redis is away: clients are told to go elsewhere, and it ends at its deadline', async () => {
    const { node, index } = await leavingNode({ MANYCAST_STOP_DEADLINE_MS: '1500' });
    const client = await stage.wire(index);
    const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room: stage.newRoom() };
    await client.ask(offer, 'presenterResponse');
    await stage.cluster.redis.kill();
    node.process.kill('SIGTERM');
    expect(await client.closed).toEqual(goingAway);
    expect(await ended(node)).toEqual({ code: 1, signal: null });
    await stage.cluster.redis.start();
    await stage.untilReady(0);
    await stage.cluster.releaseEverything();
    expect(await readMetric(stage.node(0).httpUrl, 'manycast_sessions')).toBe(0);
  });
});
