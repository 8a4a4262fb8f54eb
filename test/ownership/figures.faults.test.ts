import { setTimeout as pause } from 'node:timers/promises';
import { RoomName } from '@manycast/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../support/cluster.js';
import { openStores } from '../support/cluster-stores.js';
import { printFigure } from '../support/figures.js';
import type { SignalingNode } from '../support/signaling-node.js';
import { waitFor } from '../support/wait-for.js';
import { WebRtcPeer } from '../support/webrtc-peer.js';
import { LightClient } from './light-client.js';

/** As the SDK's: the first retry comes after up to 200 ms. */
const jitterMs = 200;
const env = { MANYCAST_MEDIA_SERVER_CAPACITY: '2000', MANYCAST_DRAIN_MS: '6000' };

const percentile = (values: number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;

describe('figures of many sessions, protocol only', () => {
  let cluster: Cluster;
  let stores: Awaited<ReturnType<typeof openStores>>;
  let offers: { presenter: string; viewer: string };
  const peers = [new WebRtcPeer('send'), new WebRtcPeer('receive')] as const;
  const clients: LightClient[] = [];
  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 3, mediaServers: 2, controllers: 1, env });
    stores = await openStores(cluster.redis.url);
    const [presenter, viewer] = await Promise.all(peers.map(peer => peer.offer()));
    offers = { presenter: presenter as string, viewer: viewer as string };
  });
  afterAll(async () => {
    for (const client of clients) client.end();
    for (const peer of peers) peer.close();
    stores?.close();
    expect(await cluster?.stop()).toEqual([]);
  });

  const ws = (node: SignalingNode) => node.wsUrl('/one2many');

  /** `count` sessions, presenters included, in `rooms` rooms; the n-th on the node that `place` names. */
  async function joined(name: string, count: number, rooms: number, place: (index: number) => SignalingNode) {
    const made: LightClient[] = [];
    for (let index = 0; index < count; index += 1) {
      const role = index < rooms ? 'presenter' : 'viewer';
      made.push(new LightClient(role, `${name}-${index % rooms}`, offers[role]));
    }
    clients.push(...made);
    const join = async (client: LightClient, index: number) => {
      await client.open(ws(place(index)));
      expect(await client.join()).toMatchObject({ response: 'accepted' });
    };
    await Promise.all(made.slice(0, rooms).map(join));
    // In groups, so that what is measured later is not the joining.
    for (let from = rooms; from < count; from += 50)
      await Promise.all(made.slice(from, from + 50).map((client, index) => join(client, from + index)));
    return made;
  }

  it('[R-OWN-2] 1,000 sessions of one killed node resume on the two others', {
    timeout: 180_000,
  }, async () => {
    const [doomed, ...others] = cluster.nodes as [SignalingNode, SignalingNode, SignalingNode];
    const sessions = await joined('thousand', 1_000, 10, () => doomed);
    const tookMs: number[] = [];
    const outcomes = new Map<string, number>();
    const resuming = sessions.map(
      (client, index) =>
        new Promise<void>((resolve, reject) => {
          client.onClose = async () => {
            const lostAt = performance.now();
            client.onClose = () => undefined;
            await pause(Math.random() * jitterMs);
            client
              .resume(ws(others[index % 2] as SignalingNode))
              .then(({ id }) => {
                tookMs.push(performance.now() - lostAt);
                outcomes.set(id, (outcomes.get(id) ?? 0) + 1);
                resolve();
              })
              .catch(reject);
          };
        }),
    );
    await cluster.kill(doomed);
    await Promise.all(resuming);
    printFigure(
      'resume of 1,000 sessions of a killed node, from socket loss to `resumed`',
      `p50 ${Math.round(percentile(tookMs, 0.5))} ms, p99 ${Math.round(percentile(tookMs, 0.99))} ms, of which up to ${jitterMs} ms are jitter`,
    );
    expect(Object.fromEntries(outcomes)).toEqual({ resumed: 1_000 });
    await expectAttached(sessions);
    for (const client of sessions) client.end();
    await cluster.addNode();
  });

  it('[R-NODE-1] [R-BUS-1] a rolling restart of three nodes under 300 sessions and a running broadcast loses nothing', {
    timeout: 180_000,
  }, async () => {
    const sessions = await joined('rolling', 300, 10, index => cluster.nodes[index % 3] as SignalingNode);
    const viewers = sessions.filter(({ role }) => role === 'viewer');
    let moves = 0;
    const rejected: string[] = [];
    for (const client of sessions) {
      const follow = async (afterMs: number) => {
        await pause(afterMs);
        const { nodes } = cluster;
        const target = nodes[Math.floor(Math.random() * nodes.length)] as SignalingNode;
        const answer = await client.resume(ws(target)).catch(() => undefined);
        if (!answer) return follow(Math.random() * jitterMs);
        if (answer.id === 'resumeRejected') rejected.push(answer.code);
        moves += 1;
      };
      client.onGoaway = afterMs => void follow(afterMs);
    }
    // Every room has its media built anew all the while: an event for each of its viewers.
    let isOver = false;
    let rebuilt = 0;
    const presenters = sessions.filter(({ role }) => role === 'presenter');
    const rebuilding = (async () => {
      while (!isOver) {
        const presenter = presenters[rebuilt % presenters.length] as LightClient;
        if (presenter.isOpen) {
          const answer = await Promise.race([presenter.join(), pause(2_000)]);
          if (answer?.response === 'accepted') rebuilt += 1;
        }
        await pause(100);
      }
    })();
    for (const old of [...cluster.nodes]) {
      // Not a target any more as soon as it is told to end, as with a load balancer that asks for readiness.
      cluster.forget(old);
      old.process.kill('SIGTERM');
      expect(await old.process.exited).toEqual({ code: 0, signal: null });
      await cluster.addNode();
    }
    isOver = true;
    await rebuilding;
    const newest = new Map<string, number>();
    for (const { room } of presenters)
      newest.set(room, (await stores.rooms.summary(RoomName.parse(room))).seq);
    await waitFor(
      'every viewer to have heard of the last event',
      () => viewers.every(({ seqs, room }) => seqs.at(-1) === newest.get(room)),
      {
        timeoutMs: 15_000,
        actual: () => viewers.filter(({ seqs, room }) => seqs.at(-1) !== newest.get(room)).length,
      },
    );
    let [duplicates, missing] = [0, 0];
    for (const { seqs } of viewers) {
      for (const [index, seq] of seqs.entries()) {
        if (index === 0) continue;
        const step = seq - (seqs[index - 1] as number);
        if (step <= 0) duplicates += 1;
        else missing += step - 1;
      }
    }
    const present = await attachedTo(sessions);
    printFigure(
      'rolling restart of three nodes with 300 sessions',
      `${moves} moves; sessions lost ${300 - present}, refused ${rejected.length}; of ${rebuilt} events for ${viewers.length} viewers: lost ${missing}, duplicates ${duplicates}`,
    );
    expect({ present, rejected, duplicates, missing }).toEqual({
      present: 300,
      rejected: [],
      duplicates: 0,
      missing: 0,
    });
    for (const client of sessions) client.end();
  });

  async function attachedTo(sessions: LightClient[]): Promise<number> {
    let count = 0;
    const live = new Set(cluster.nodes.map(({ nodeId }) => nodeId as string));
    for (const room of new Set(sessions.map(client => client.room))) {
      const view = await stores.rooms.read(RoomName.parse(room));
      for (const [id, { node, detachedAtMs }] of view.sessions) {
        const isOurs = sessions.some(client => client.session === id && client.isOpen);
        if (isOurs && detachedAtMs === null && live.has(node)) count += 1;
      }
    }
    return count;
  }
  async function expectAttached(sessions: LightClient[]): Promise<void> {
    expect(await attachedTo(sessions)).toBe(sessions.length);
  }
});
