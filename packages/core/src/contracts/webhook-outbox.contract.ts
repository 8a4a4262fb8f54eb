import { randomUUID } from 'node:crypto';
import {
  asEndpointId,
  asMediaServerUrl,
  asNodeId,
  asPipelineId,
  asSessionId,
  RoomName,
} from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { openGrants } from '../domain/grants.js';
import type { Attachment } from '../domain/session.js';
import { sourcesOf } from '../domain/webhook-event.js';
import type { RoomStore } from '../ports/room-store.js';
import type { WebhookDemand } from '../ports/webhook-demand.js';
import type { Lane, WebhookOutbox } from '../ports/webhook-outbox.js';

export interface WebhookOutboxUnderTest {
  /** What changes rooms. */
  rooms: RoomStore;
  outbox: WebhookOutbox;
  demand: WebhookDemand;
}

/** What every WebhookOutbox must do, with the store that writes it. `open` gives one that nobody wants anything of. */
export function describeWebhookOutbox(name: string, open: () => Promise<WebhookOutboxUnderTest>): void {
  describe(`WebhookOutbox: ${name}`, () => {
    let rooms: RoomStore;
    let outbox: WebhookOutbox;
    let demand: WebhookDemand;
    beforeEach(async () => {
      ({ rooms, outbox, demand } = await open());
    });

    const [server, pipeline] = [asMediaServerUrl('ws://media-1/kurento'), asPipelineId('p1')];
    const speech = 'manycast.v1';
    const grants = { ...openGrants, identity: 'someone', name: 'Ada' };
    const newRoom = () => RoomName.parse(`room-${randomUUID()}`);
    const attachmentIn = (room: RoomName): Attachment => ({
      room,
      session: asSessionId(randomUUID()),
      node: asNodeId('node-1'),
      epoch: 1,
    });
    const wants = (patterns: Record<string, string[]>) =>
      demand.announce(Object.entries(patterns).map(([id, list]) => ({ id, sources: sourcesOf(list) })));

    async function broadcast(room = newRoom()) {
      const by = attachmentIn(room);
      const claim = await rooms.claim({ ...by, speech, grants });
      if (claim.status !== 'claimed') throw new Error(claim.status);
      const { generation } = claim;
      const endpoint = asEndpointId('p1/e1');
      await rooms.goLive({ ...by, generation, server, pipeline, endpoint, slots: 10 });
      return { room, presenter: by, generation };
    }

    async function watched(room: RoomName, generation: number) {
      const by = attachmentIn(room);
      await rooms.join({ ...by, speech, grants });
      const media = { generation, server, pipeline, endpoint: asEndpointId(`p1/${by.session}`) };
      await rooms.confirm({ ...by, media });
      return by;
    }

    const laneOf = (room: RoomName, receiver = 'a'): Lane => ({ receiver, room });
    const waiting = async (lane: Lane) => (await outbox.take(lane, randomUUID(), 100)).entries;
    const typesIn = async (lane: Lane) => (await waiting(lane)).map(({ told }) => told.type);
    /** The receiver is told everything that waits. */
    async function drain(lane: Lane): Promise<string[]> {
      const turn = randomUUID();
      const { entries } = await outbox.take(lane, turn, 100);
      for (const { place } of entries) await outbox.advance(lane, turn, place);
      return entries.map(({ id }) => id);
    }
    async function all(): Promise<RoomName[]> {
      const found: RoomName[] = [];
      for await (const room of outbox.rooms()) found.push(room);
      return found;
    }

    it('keeps nothing where nobody wants anything, and nothing that nobody wants', async () => {
      await demand.refresh();
      const { room, generation, presenter } = await broadcast();
      expect(await all()).toEqual([]);
      await wants({ a: ['room.ended'] });
      await watched(room, generation);
      expect(await all()).toEqual([]);
      await rooms.leave(presenter);
      expect(await typesIn(laneOf(room))).toEqual(['presenter-left']);
    });

    it('has what happened in the order in which it happened, with who it was', async () => {
      await wants({ a: ['*'] });
      const { room, generation, presenter } = await broadcast();
      const viewer = await watched(room, generation);
      await rooms.leave(viewer);
      await rooms.leave(presenter);
      const entries = (await waiting(laneOf(room))).map(({ told }) => told);
      expect(entries.map(({ type }) => type)).toEqual([
        ...['presenter-joined', 'presenter-live', 'viewer-count', 'viewer-joined'],
        ...['viewer-left', 'viewer-count', 'presenter-left'],
      ]);
      const who = { generation, identity: 'someone', name: 'Ada' };
      expect(entries[0]).toEqual({ type: 'presenter-joined', ...who, session: presenter.session });
      expect(entries[3]).toEqual({ type: 'viewer-joined', ...who, session: viewer.session });
      expect(entries[4]).toEqual({ type: 'viewer-left', ...who, session: viewer.session });
      expect([entries[2]?.viewers, entries[5]?.viewers]).toEqual([1, 0]);
      const { seq } = await rooms.summary(room);
      expect([entries[1]?.seq, entries[6]?.seq]).toEqual([seq - 1, seq]);
    });

    it('tells that a broadcast is interrupted, and that it goes on', async () => {
      await wants({ a: ['room.*'] });
      const { room, presenter } = await broadcast();
      await drain(laneOf(room));
      await rooms.detach(presenter);
      await rooms.hold(presenter);
      await rooms.hold(presenter);
      expect(await typesIn(laneOf(room))).toEqual(['presenter-away', 'presenter-back']);
    });

    it('tells that media is on another server now', async () => {
      await wants({ a: ['media.*', 'room.*'] });
      const { room, presenter } = await broadcast();
      for (const to of ['ws://media-1/kurento', 'ws://media-2/kurento']) {
        const claim = await rooms.claim({ ...presenter, speech, grants });
        if (claim.status !== 'claimed') throw new Error(claim.status);
        const media = {
          server: asMediaServerUrl(to),
          pipeline: asPipelineId('p2'),
          endpoint: asEndpointId('e2'),
        };
        await rooms.goLive({ ...presenter, generation: claim.generation, ...media, slots: 10 });
      }
      const told = (await waiting(laneOf(room))).map(entry => entry.told);
      expect(told.map(({ type }) => type)).toEqual([
        ...['presenter-live', 'presenter-live', 'presenter-live', 'media-moved'],
      ]);
      expect(told[3]).toMatchObject({ server: 'ws://media-2/kurento', former: server });
      expect(told[3]?.generation).toBe(told[2]?.generation);
    });

    it('says nothing of a step that changed nothing', async () => {
      await wants({ a: ['*'] });
      const { room, generation, presenter } = await broadcast();
      const viewer = await watched(room, generation);
      await drain(laneOf(room));
      await rooms.claim({ ...attachmentIn(room), speech, grants });
      await rooms.join({ ...viewer, speech, grants });
      const endpoint = asEndpointId('p1/other');
      await rooms.confirm({ ...viewer, media: { generation, server, pipeline, endpoint } });
      await rooms.leave({ ...presenter, epoch: 7 });
      await rooms.leave(attachmentIn(room));
      expect(await waiting(laneOf(room))).toEqual([]);
    });

    it('gives every event an id that no other has, and that stays', async () => {
      await wants({ a: ['*'], b: ['*'] });
      const { room } = await broadcast();
      const other = await broadcast();
      const ids = (await waiting(laneOf(room))).map(({ id }) => id);
      expect((await waiting(laneOf(room, 'b'))).map(({ id }) => id)).toEqual(ids);
      expect((await waiting(laneOf(room))).map(({ id }) => id)).toEqual(ids);
      const others = (await waiting(laneOf(other.room))).map(({ id }) => id);
      expect(new Set([...ids, ...others]).size).toBe(4);
    });

    it('forgets a room when every receiver has been told, and starts anew', async () => {
      await wants({ a: ['*'], b: ['*'] });
      const { room, presenter } = await broadcast();
      const first = await drain(laneOf(room));
      expect(await all()).toEqual([room]);
      expect(await waiting(laneOf(room))).toEqual([]);
      expect(await drain(laneOf(room, 'b'))).toEqual(first);
      expect(await all()).toEqual([]);
      await rooms.leave(presenter);
      expect(await typesIn(laneOf(room))).toEqual(['presenter-left']);
    });

    it('gives no more than was asked for', async () => {
      await wants({ a: ['*'] });
      const { room } = await broadcast();
      const { entries } = await outbox.take(laneOf(room), 'first', 1);
      expect(entries.map(({ told }) => told.type)).toEqual(['presenter-joined']);
    });

    it('has one owner of a lane at a time: an older turn is fenced', async () => {
      await wants({ a: ['*'] });
      const lane = laneOf((await broadcast()).room);
      const { entries } = await outbox.take(lane, 'first', 10);
      const [one, two] = entries.map(({ place }) => place) as [string, string];
      expect(await outbox.advance(lane, 'first', one)).toBe('advanced');
      await outbox.take(lane, 'second', 10);
      expect(await outbox.advance(lane, 'first', two)).toBe('fenced');
      expect(await outbox.fail(lane, 'first')).toBe('fenced');
      expect(await outbox.advance(lane, 'second', two)).toBe('advanced');
      expect(await all()).toEqual([]);
      expect(await outbox.advance(lane, 'second', two)).toBe('fenced');
    });

    it('counts the failures since the last success, whoever’s turn it was', async () => {
      await wants({ a: ['*'] });
      const lane = laneOf((await broadcast()).room);
      const { entries } = await outbox.take(lane, 'first', 10);
      expect(await outbox.fail(lane, 'first')).toBe(1);
      expect(await outbox.take(lane, 'second', 10)).toEqual({ failures: 1, entries });
      expect(await outbox.fail(lane, 'second')).toBe(2);
      await outbox.advance(lane, 'second', entries[0]?.place ?? '');
      expect((await outbox.take(lane, 'third', 10)).failures).toBe(0);
    });

    it('does not let a count that is out of date wait', async () => {
      await wants({ a: ['viewer.count', 'room.*'] });
      const { room, generation, presenter } = await broadcast();
      await drain(laneOf(room));
      await Promise.all(Array.from({ length: 5 }, () => watched(room, generation)));
      const [entry, ...more] = await waiting(laneOf(room));
      expect(entry?.told).toMatchObject({ type: 'viewer-count', viewers: 5 });
      expect(entry?.sinceMs).toBeLessThanOrEqual(entry?.atMs ?? 0);
      expect(more).toEqual([]);
      await rooms.leave(presenter);
      expect(await typesIn(laneOf(room))).toEqual(['viewer-count', 'presenter-left']);
    });

    it('has something sent again to one receiver, after what waits, under its id', async () => {
      await wants({ a: ['*'], b: ['*'] });
      const { room } = await broadcast();
      const [entry] = await waiting(laneOf(room));
      if (!entry) throw new Error('nothing waits');
      await drain(laneOf(room));
      await drain(laneOf(room, 'b'));
      await outbox.putBack(laneOf(room, 'b'), entry);
      for (const receiver of ['a', 'b']) {
        const again = await waiting(laneOf(room, receiver));
        expect(again).toMatchObject([{ id: entry.id, atMs: entry.atMs, told: entry.told, only: 'b' }]);
      }
    });

    it('lets one in so many ms look through everything', async () => {
      expect(await outbox.claimLook(200)).toBe(true);
      expect(await outbox.claimLook(200)).toBe(false);
      await expect.poll(() => outbox.claimLook(200), { timeout: 5_000 }).toBe(true);
    });

    it('tells of rooms as they change', async () => {
      const heard: RoomName[] = [];
      let gaps = 0;
      outbox.watch({ onChange: room => heard.push(room), onGap: () => (gaps += 1) });
      await expect.poll(() => gaps).toBe(1);
      await wants({ a: ['room.live'] });
      const { room } = await broadcast();
      await expect.poll(() => heard).toEqual([room]);
    });
  });
}
