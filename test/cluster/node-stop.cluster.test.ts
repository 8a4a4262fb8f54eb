import { describe, expect, it } from 'vitest';
import { readMetric } from '../support/metric.js';
import { Stage } from '../support/stage.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';

describe('a node that is told to end', () => {
  const stage = new Stage({ nodes: 1, mediaServers: 1, controllers: 1 });
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
    '[R-OWN-4] by %s: its tutorial pages lose their socket and nothing else, it ends with 0',
    async signal => {
      const { node, index } = await leavingNode();
      const room = stage.newRoom();
      const presenter = await stage.presenter(index, room);
      const here = await stage.viewer(index, room);
      const elsewhere = await stage.viewer(0, room);
      node.process.kill(signal);
      expect(await presenter.wire.closed).toEqual(goingAway);
      expect(await here.wire.closed).toEqual(goingAway);
      expect(await ended(node)).toEqual({ code: 0, signal: null });
      await elsewhere.untilSeen();
      await here.untilSeen();
      await stage.untilFigures({ pipelines: 1, endpoints: 3 });
      expect(elsewhere.wire.ids).not.toContain('stopCommunication');
      // Their media is gone: a controller (which looks around for some seconds after its own start) ends what
      // is left of them, and the others hear of it.
      await stage.cluster.releaseEverything();
      await elsewhere.wire.next('stopCommunication', 30_000);
      await stage.servesFreshBroadcast();
    },
  );

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
    // A page that never connected is gone with its socket: a controller frees the place.
    const presenter = await stage.wire(0);
    const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room };
    await waitFor(
      'the place to be free',
      async () => {
        const { response } = await presenter.ask(offer, 'presenterResponse');
        return response === 'accepted';
      },
      { timeoutMs: 30_000 },
    );
    try {
      await stage.untilFigures({ sessions: 1, pipelines: 1, endpoints: 1 });
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
    await stage.cluster.releaseEverything();
  });

  it('[R-NODE-1] while Redis is away: clients are told to go elsewhere, and it ends with 0', async () => {
    const { node, index } = await leavingNode();
    const client = await stage.wire(index);
    const offer = { id: 'presenter', sdpOffer: stage.offers.presenter, room: stage.newRoom() };
    await client.ask(offer, 'presenterResponse');
    await stage.cluster.redis.kill();
    node.process.kill('SIGTERM');
    expect(await client.closed).toEqual(goingAway);
    expect(await ended(node)).toEqual({ code: 0, signal: null });
    await stage.cluster.redis.start();
    await stage.untilReady(0);
    await stage.cluster.releaseEverything();
    expect(await readMetric(stage.node(0).httpUrl, 'manycast_sessions')).toBe(0);
  });
});
