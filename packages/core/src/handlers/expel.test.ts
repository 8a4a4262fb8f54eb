import { asNodeId } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { memoryCluster, newAttempt, sdpOffer } from '../contracts/memory-cluster.js';
import type { InboxMessage } from '../ports/node-inbox.js';
import { closeRoom, expel } from './expel.js';
import { presenter } from './presenter.js';
import { viewer } from './viewer.js';

async function broadcast() {
  const cluster = await memoryCluster();
  const told: InboxMessage[] = [];
  await cluster.inbox.open(cluster.node, message => told.push(message));
  const first = newAttempt();
  const second = newAttempt(first.room);
  for (const [handler, attempt] of [
    [presenter, first],
    [viewer, second],
  ] as const)
    expect(await handler(cluster, attempt, sdpOffer)).toMatchObject({ type: 'accepted' });
  return { cluster, told, room: first.room, presenter: first, viewer: second };
}

describe('a viewer that is expelled', () => {
  it('is gone with its endpoint, is told once, and nobody else notices', async () => {
    const { cluster, told, room, viewer, presenter } = await broadcast();
    expect(await expel(cluster, viewer, 'kicked')).toBe('expelled');
    expect(await expel(cluster, viewer, 'kicked')).toBe('unknown');
    await cluster.undo.settled();
    const { sessions, state } = await cluster.rooms.read(room);
    expect([[...sessions.keys()], state]).toEqual([[presenter.session], 'live']);
    expect([...cluster.media.pipelines.values()].map(endpoints => endpoints.size)).toEqual([1]);
    const { session } = viewer;
    expect(told).toEqual([{ type: 'expelled', room, session, epoch: 1, reason: 'kicked' }]);
  });

  it('and is just being resumed elsewhere is told there', async () => {
    const { cluster, viewer } = await broadcast();
    const elsewhere = asNodeId('node-2');
    const told: InboxMessage[] = [];
    await cluster.inbox.open(elsewhere, message => told.push(message));
    const { leave } = cluster.rooms;
    cluster.rooms.leave = async order => {
      cluster.rooms.leave = leave;
      await cluster.rooms.attach({ ...viewer, node: elsewhere, tokenEpoch: 1, seq: 0 });
      return leave.call(cluster.rooms, order);
    };
    expect(await expel(cluster, viewer, 'kicked')).toBe('expelled');
    await cluster.undo.settled();
    expect(told).toMatchObject([{ type: 'expelled', epoch: 2 }]);
  });
});

describe('a room that is closed', () => {
  it('ends for everybody, and gives back all that it had', async () => {
    const { cluster, told, room, presenter, viewer } = await broadcast();
    expect(await closeRoom(cluster, room)).toBe('closed');
    expect(await closeRoom(cluster, room)).toBe('ended');
    await cluster.undo.settled();
    expect(await cluster.rooms.read(room)).toMatchObject({ state: 'ended' });
    expect(cluster.media.pipelines.size).toBe(0);
    expect(await cluster.pool.reservations()).toEqual([]);
    expect(viewer.heard).toContain('presenter-left');
    expect(told).toMatchObject([{ type: 'expelled', session: presenter.session, reason: 'room-closed' }]);
  });

  it('while its presenter is only arriving fences that', async () => {
    const { cluster } = await broadcast();
    const late = newAttempt();
    const claim = cluster.pool.reserve;
    cluster.pool.reserve = async order => {
      cluster.pool.reserve = claim;
      expect(await closeRoom(cluster, late.room)).toBe('closed');
      return claim.call(cluster.pool, order);
    };
    expect(await presenter(cluster, late, sdpOffer)).toMatchObject({ type: 'rejected' });
    await cluster.undo.settled();
    expect(await cluster.rooms.read(late.room)).toMatchObject({ state: 'ended' });
    expect((await cluster.pool.reservations()).map(({ room }) => room)).not.toContain(late.room);
  });
});
