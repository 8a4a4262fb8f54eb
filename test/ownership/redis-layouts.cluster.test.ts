import { RoomName } from '@manycast/protocol';
import { Keys } from '@manycast/redis';
import { describe, expect, it } from 'vitest';
import { printFigure } from '../support/figures.js';
import { type PrivateRedisCluster, startRedisCluster } from '../support/redis-cluster.js';
import { type PrivateSentinels, startSentinels } from '../support/redis-sentinel.js';
import type { PrivateRedis } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';
import { OwnershipStage, quick } from './ownership-stage.js';

const graceMs = 2_000;

/** Everybody is in the room, with a socket. */
async function untilThere(stage: OwnershipStage, room: string, count: number): Promise<void> {
  await waitFor(
    `${count} sessions with a socket`,
    async () => {
      const { sessions } = await stage.roomView(room);
      return (
        sessions.size === count && [...sessions.values()].every(({ detachedAtMs }) => detachedAtMs === null)
      );
    },
    { timeoutMs: 30_000, intervalMs: 50 },
  );
}

describe('on a Redis Cluster', () => {
  let redis: PrivateRedisCluster | undefined;
  const stage = new OwnershipStage({
    ...quick(graceMs),
    nodes: 2,
    redis: async () => {
      redis = await startRedisCluster();
      const [first] = redis.shards as [PrivateRedis];
      return { ...first, url: redis.url, stop: async () => redis?.stop() };
    },
  });
  const ws = (index: number) => stage.node(index).wsUrl('/one2many');

  it('[R-OWN-2] [R-OWN-3] one resumes from a killed node, one does not come back and is ended by a job', async () => {
    const room = stage.newRoom();
    const presenter = await stage.joined('presenter', stage.node(0), room);
    const doomed = await stage.cluster.addNode();
    const [back, gone] = [
      await stage.joined('viewer', doomed, room),
      await stage.joined('viewer', doomed, room),
    ];
    await stage.cluster.kill(doomed);
    expect(await back.resume(ws(1))).toMatchObject({ id: 'resumed', renegotiate: false, isComplete: true });
    gone.vanish();
    await untilThere(stage, room, 2);
    await back.media.untilReceived(10);
    await stage.untilExact();
    await presenter.leave();
    await back.wire.next('stopCommunication');
  });

  it('[R-REDIS-2] the shard of a room restarts empty: what was on it is put back', async () => {
    const room = stage.newRoom();
    const presenter = await stage.joined('presenter', stage.node(0), room);
    const viewer = await stage.joined('viewer', stage.node(1), room);
    stage.allowLostEvents();
    const shard = await redis?.shardOf(new Keys('manycast').room(RoomName.parse(room)));
    await shard?.kill();
    await shard?.start();
    const backAt = performance.now();
    await redis?.untilOk();
    await untilThere(stage, room, 2);
    printFigure(
      'a shard of the Redis Cluster that restarts empty',
      `everybody known again ${Math.round(performance.now() - backAt)} ms after its return`,
    );
    await viewer.media.untilReceived(10);
    expect([presenter, viewer].every(({ hasOpenSocket }) => hasOpenSocket)).toBe(true);
    await presenter.leave();
    await viewer.wire.next('stopCommunication');
  });
});

describe('with Redis Sentinel', () => {
  let redis: PrivateSentinels | undefined;
  const stage = new OwnershipStage({
    ...quick(graceMs),
    nodes: 2,
    redis: async () => {
      redis = await startSentinels();
      return { ...redis.master, url: redis.url, stop: async () => redis?.stop() };
    },
  });

  it('[R-REDIS-1] the master dies: nobody loses a socket, the replica goes on with what was there', async () => {
    const room = stage.newRoom();
    const presenter = await stage.joined('presenter', stage.node(0), room);
    const viewer = await stage.joined('viewer', stage.node(1), room);
    await redis?.untilReplicated();
    // Whatever the replica had not been told yet may be said to be lost.
    stage.allowLostEvents();
    const killedAt = performance.now();
    await redis?.failOver();
    const late = await stage.client('viewer', stage.node(0), room);
    await waitFor('a join to be accepted', async () => (await late.offer()).response === 'accepted', {
      timeoutMs: 30_000,
      intervalMs: 200,
    });
    printFigure(
      'the Redis master is killed under three sentinels',
      `a join is accepted ${Math.round(performance.now() - killedAt)} ms later (they wait 1,000 ms for it)`,
    );
    await untilThere(stage, room, 3);
    expect([presenter, viewer].every(({ hasOpenSocket }) => hasOpenSocket)).toBe(true);
    await viewer.media.untilReceived(10);
    await presenter.leave();
    for (const client of [viewer, late]) await client.wire.next('stopCommunication');
    await stage.untilExact();
  });
});
