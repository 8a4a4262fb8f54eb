import { randomUUID } from 'node:crypto';
import {
  asEndpointId,
  asMediaServerUrl,
  asNodeId,
  asPipelineId,
  asSessionId,
  RoomName,
  type SessionId,
} from '@manycast/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoomEvent } from '../domain/event.js';
import type { RoomEvents } from '../ports/room-events.js';
import type { RoomStore } from '../ports/room-store.js';

export interface RoomStoreUnderTest {
  rooms: RoomStore;
  events: RoomEvents;
  /** How long a claim holds without going live; the suite waits for it. */
  claimMs: number;
  close(): Promise<void>;
}

/** What every RoomStore (with the bus it publishes on) must do. */
export function describeRoomStore(name: string, open: () => Promise<RoomStoreUnderTest>): void {
  describe(`RoomStore: ${name}`, () => {
    let store: RoomStoreUnderTest;
    let rooms: RoomStore;
    beforeAll(async () => {
      store = await open();
      rooms = store.rooms;
    });
    afterAll(() => store.close());

    const node = asNodeId('node-1');
    const server = asMediaServerUrl('ws://media-1/kurento');
    const pipeline = asPipelineId('p1');
    const source = asEndpointId('p1/e1');
    const newRoom = () => RoomName.parse(`room-${randomUUID()}`);
    const newSession = () => asSessionId(randomUUID());
    const media = { server, pipeline, endpoint: source };

    async function claimed(room: RoomName, session: SessionId): Promise<number> {
      const claim = await rooms.claim({ room, session, node });
      if (claim.status !== 'claimed') throw new Error('the place was not free');
      return claim.generation;
    }

    async function liveRoom(slots = 10) {
      const room = newRoom();
      const session = newSession();
      const generation = await claimed(room, session);
      expect(await rooms.goLive({ room, session, generation, ...media, slots })).toBe('live');
      return { room, presenter: session, generation };
    }

    async function heard(room: RoomName): Promise<RoomEvent[]> {
      const events: RoomEvent[] = [];
      await store.events.subscribe(room, event => events.push(event));
      return events;
    }

    it('[R-ROOM-1] gives the presenter’s place to one of many racing claims', async () => {
      const room = newRoom();
      const claims = await Promise.all(
        Array.from({ length: 50 }, () => rooms.claim({ room, session: newSession(), node })),
      );
      expect(claims.filter(claim => claim.status === 'claimed')).toHaveLength(1);
    });

    it('[R-ROOM-1] keeps the place while it is live and frees it when the presenter leaves', async () => {
      const { room, presenter, generation } = await liveRoom();
      expect(await rooms.claim({ room, session: newSession(), node })).toEqual({
        status: 'presenter-exists',
      });
      expect(await rooms.leave({ room, session: presenter })).toEqual({
        status: 'ended',
        generation,
        media: { server, pipeline },
      });
      expect(await claimed(room, newSession())).toBe(generation + 1);
    });

    it('lets the place be taken over when its claimant never went live', async () => {
      const room = newRoom();
      const dead = newSession();
      const generation = await claimed(room, dead);
      expect((await rooms.claim({ room, session: newSession(), node })).status).toBe('presenter-exists');
      const successor = newSession();
      await expect
        .poll(() => rooms.claim({ room, session: successor, node }), {
          timeout: store.claimMs * 4,
          interval: 20,
        })
        .toMatchObject({ status: 'claimed', generation: generation + 1 });
      expect(await rooms.goLive({ room, session: dead, generation, ...media, slots: 4 })).toBe('fenced');
      expect(await rooms.leave({ room, session: dead })).toEqual({ status: 'unknown' });
      expect((await rooms.read(room)).presenter).toBe(successor);
    });

    it('fences going live after the claim was given up', async () => {
      const room = newRoom();
      const session = newSession();
      const generation = await claimed(room, session);
      expect(await rooms.leave({ room, session })).toEqual({ status: 'ended', generation, media: null });
      expect(await rooms.goLive({ room, session, generation, ...media, slots: 4 })).toBe('fenced');
      expect((await rooms.read(room)).state).toBe('ended');
    });

    it('tells a viewer of a presenter that is not there, starting, or live', async () => {
      const room = newRoom();
      const session = newSession();
      expect(await rooms.join({ room, session: newSession(), node })).toEqual({ status: 'no-presenter' });
      const generation = await claimed(room, session);
      expect(await rooms.join({ room, session: newSession(), node })).toEqual({ status: 'starting' });
      await rooms.goLive({ room, session, generation, ...media, slots: 4 });
      expect(await rooms.join({ room, session: newSession(), node })).toEqual({
        status: 'joined',
        generation,
        server,
        pipeline,
        source,
      });
    });

    it('counts a joining viewer against the room’s slots, once however often it joins', async () => {
      const { room, generation } = await liveRoom(3);
      const [first, second, third] = [newSession(), newSession(), newSession()];
      await rooms.join({ room, session: first, node });
      await rooms.join({ room, session: first, node });
      expect((await rooms.join({ room, session: second, node })).status).toBe('joined');
      expect(await rooms.join({ room, session: third, node })).toEqual({
        status: 'out-of-slots',
        generation,
        slots: 3,
      });
      const stale = { generation: generation - 1, slots: 9 };
      expect((await rooms.join({ room, session: third, node, granted: stale })).status).toBe('out-of-slots');
      expect(
        (await rooms.join({ room, session: third, node, granted: { generation, slots: 4 } })).status,
      ).toBe('joined');
      expect((await rooms.read(room)).viewers).toBe(3);
    });

    it('[R-ROOM-5] takes a viewer out without touching anybody else', async () => {
      const { room, generation } = await liveRoom();
      const session = newSession();
      const endpoint = asEndpointId('p1/e2');
      await rooms.join({ room, session, node });
      expect(await rooms.confirm({ room, session, generation, endpoint })).toBe('confirmed');
      expect(await rooms.leave({ room, session })).toEqual({ status: 'left', server, endpoint });
      expect(await rooms.leave({ room, session })).toEqual({ status: 'unknown' });
      expect(await rooms.read(room)).toMatchObject({ state: 'live', viewers: 0 });
    });

    it('fences the confirmation of a viewer that left, and of one whose broadcast ended', async () => {
      const { room, presenter, generation } = await liveRoom();
      const [gone, late] = [newSession(), newSession()];
      const endpoint = asEndpointId('p1/e2');
      await rooms.join({ room, session: gone, node });
      await rooms.join({ room, session: late, node });
      expect(await rooms.leave({ room, session: gone })).toEqual({ status: 'left', server, endpoint: null });
      expect(await rooms.confirm({ room, session: gone, generation, endpoint })).toBe('fenced');
      await rooms.leave({ room, session: presenter });
      expect(await rooms.confirm({ room, session: late, generation, endpoint })).toBe('fenced');
      const next = await claimed(room, presenter);
      await rooms.goLive({ room, session: presenter, generation: next, ...media, slots: 4 });
      expect(await rooms.confirm({ room, session: late, generation, endpoint })).toBe('fenced');
    });

    it('[R-ROOM-4] ends every session with the presenter’s', async () => {
      const { room, presenter } = await liveRoom();
      const viewer = newSession();
      await rooms.join({ room, session: viewer, node });
      await rooms.leave({ room, session: presenter });
      expect(await rooms.leave({ room, session: viewer })).toEqual({ status: 'unknown' });
      expect(await rooms.leave({ room, session: presenter })).toEqual({ status: 'unknown' });
      expect(await rooms.read(room)).toMatchObject({
        state: 'ended',
        presenter: null,
        server: null,
        viewers: 0,
      });
    });

    it('publishes each change of the broadcast once, in order, numbered', async () => {
      const room = newRoom();
      const session = newSession();
      const events = await heard(room);
      for (const _ of [1, 2]) {
        const generation = await claimed(room, session);
        await rooms.goLive({ room, session, generation, ...media, slots: 4 });
        await rooms.leave({ room, session });
      }
      await expect.poll(() => events.length).toBe(4);
      expect(events).toEqual([
        { type: 'presenter-live', generation: 1, seq: 1 },
        { type: 'presenter-left', generation: 1, seq: 2 },
        { type: 'presenter-live', generation: 2, seq: 3 },
        { type: 'presenter-left', generation: 2, seq: 4 },
      ]);
    });

    it('delivers nothing of other rooms, and nothing after a subscription is closed', async () => {
      const { room, presenter } = await liveRoom();
      const other = await liveRoom();
      const events: RoomEvent[] = [];
      const closed: RoomEvent[] = [];
      await store.events.subscribe(room, event => events.push(event));
      const subscription = await store.events.subscribe(room, event => closed.push(event));
      subscription.close();
      subscription.close();
      await rooms.leave({ room: other.room, session: other.presenter });
      await rooms.leave({ room, session: presenter });
      await expect.poll(() => events.length).toBe(1);
      expect(closed).toEqual([]);
    });
  });
}
