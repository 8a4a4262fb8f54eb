import { openSession, type Session, type SessionOptions, type WebSocketClass } from '@manycast/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Cluster } from '../support/cluster.js';
import { type Haproxy, haproxyPath, startHaproxy } from '../support/haproxy.js';
import { SdkPeer } from '../support/sdk-peer.js';
import { waitFor } from '../support/wait-for.js';

const viewers = 6;
const because = haproxyPath ? '' : ' (SKIPPED: haproxy is not installed and could not be)';

describe.skipIf(!haproxyPath)(`behind haproxy, leastconn, nothing sticky${because}`, () => {
  let cluster: Cluster;
  let haproxy: Haproxy;
  const open: Session[] = [];

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 3, controllers: 1, env: { MANYCAST_DRAIN_MS: '3000' } });
    haproxy = await startHaproxy(cluster.nodes);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(session => session.leave()));
  });
  afterAll(async () => {
    await haproxy?.stop();
    expect(await cluster?.stop()).toEqual([]);
  });

  async function joined(role: 'presenter' | 'viewer', room: string) {
    const peers: SdkPeer[] = [];
    const session = openSession({
      url: haproxy.url,
      role,
      room,
      ...(role === 'presenter' && { stream: { getTracks: () => [] } }),
      WebSocket: WebSocket as unknown as WebSocketClass,
      createPeerConnection: () => {
        const peer = new SdkPeer(role === 'presenter' ? 'send' : 'receive');
        peers.push(peer);
        return peer;
      },
    } as unknown as SessionOptions);
    open.push(session);
    const ended: string[] = [];
    session.on('ended', ({ reason, error }) => ended.push(`${reason} ${error?.code ?? ''}`));
    await waitFor(`the ${role} to be connected`, () => session.state === 'connected', {
      timeoutMs: 20_000,
      actual: () => ended[0] ?? session.state,
    });
    return { session, peers, ended };
  }
  const nodesOf = (all: { session: Session }[]) => new Set(all.map(({ session }) => session.node));

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    '[R-OWN-2] [R-NODE-1] clients are spread over nodes, and go on elsewhere with the same connection after a %s',
    async signal => {
      const room = `balanced-${signal}`;
      const presenter = await joined('presenter', room);
      const audience: Awaited<ReturnType<typeof joined>>[] = [];
      for (let i = 0; i < viewers; i += 1) audience.push(await joined('viewer', room));
      const everybody = [presenter, ...audience];
      expect(nodesOf(everybody).size).toBeGreaterThan(1);

      const [victim] = cluster.nodes.filter(({ nodeId }) => nodeId === presenter.session.node);
      if (!victim) throw new Error('unreachable');
      victim.process.kill(signal);
      await victim.process.exited;
      await waitFor(
        'everybody to be on a node that lives',
        () =>
          everybody.every(({ session }) => session.state === 'connected' && session.node !== victim.nodeId),
        {
          timeoutMs: 30_000,
          actual: () => everybody.map(({ session }) => `${session.state} ${session.node}`),
        },
      );
      for (const { peers, ended } of everybody) expect([peers.length, ended]).toEqual([1, []]);
      const seen = audience.map(({ peers }) => peers[0]?.peer.received.video ?? 0);
      await waitFor('pictures to go on for everybody', () =>
        audience.every(({ peers }, index) => (peers[0]?.peer.received.video ?? 0) > (seen[index] ?? 0) + 10),
      );
      cluster.forget(victim);
      await cluster.addNode({}, '/readyz', { nodeId: victim.nodeId, port: victim.port });
    },
  );
});
