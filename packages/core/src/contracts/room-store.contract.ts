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
import { type Grants, openGrants } from '../domain/grants.js';
import type { Attachment, Session, SessionMedia } from '../domain/session.js';
import type { InboxMessage, NodeInbox } from '../ports/node-inbox.js';
import type { RoomEvents } from '../ports/room-events.js';
import type { RoomStore } from '../ports/room-store.js';

export interface RoomStoreUnderTest {
  rooms: RoomStore;
  events: RoomEvents;
  inbox: NodeInbox;
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
    const speech = 'manycast.v1';
    const grants: Grants = {
      ...openGrants,
      identity: 'someone',
      name: 'Ada',
      isModerator: true,
      token: { id: 't', issuedAtMs: null, expiresAtMs: 1 },
    };
    const newRoom = () => RoomName.parse(`room-${randomUUID()}`);
    const attachmentIn = (room: RoomName, on = node): Attachment => ({
      room,
      session: asSessionId(randomUUID()),
      node: on,
      epoch: 1,
    });
    const mediaOf = (generation: number, endpoint = 'p1/e2'): SessionMedia => ({
      generation,
      server,
      pipeline,
      endpoint: asEndpointId(endpoint),
    });

    async function claimed(by: Attachment): Promise<number> {
      const claim = await rooms.claim({ ...by, speech, grants });
      if (claim.status !== 'claimed') throw new Error(`the place was not free: ${claim.status}`);
      return claim.generation;
    }

    const goLive = (by: Attachment, generation: number, slots = 10) =>
      rooms.goLive({ ...by, generation, server, pipeline, endpoint: source, slots });

    async function liveRoom(slots = 10) {
      const presenter = attachmentIn(newRoom());
      const generation = await claimed(presenter);
      expect(await goLive(presenter, generation, slots)).toEqual({ status: 'live', previous: null });
      return { room: presenter.room, presenter, generation };
    }

    const join = (by: Attachment, granted?: { generation: number; slots: number }) =>
      rooms.join({ ...by, speech, grants, ...(granted && { granted }) });

    async function viewing(room: RoomName, generation: number): Promise<Attachment> {
      const viewer = attachmentIn(room);
      expect((await join(viewer)).status).toBe('joined');
      expect(await rooms.confirm({ ...viewer, media: mediaOf(generation) })).toBe('confirmed');
      return viewer;
    }

    const attach = (by: Attachment, order: { tokenEpoch?: number; seq?: number; node?: typeof node } = {}) =>
      rooms.attach({ room: by.room, session: by.session, node, tokenEpoch: by.epoch, seq: 0, ...order });

    async function reattached(by: Attachment, on = node): Promise<Attachment> {
      const result = await attach(by, { node: on });
      if (result.status !== 'attached') throw new Error(`not attached: ${result.status}`);
      return { ...by, node: on, epoch: result.epoch };
    }

    describe('the presenter’s place', () => {
      it('[R-ROOM-1] goes to one of many racing claims', async () => {
        const room = newRoom();
        const claims = await Promise.all(
          Array.from({ length: 50 }, () => rooms.claim({ ...attachmentIn(room), speech, grants })),
        );
        expect(claims.filter(claim => claim.status === 'claimed')).toHaveLength(1);
      });

      it('[R-ROOM-1] is kept while it is live and free when the presenter has left', async () => {
        const { room, presenter, generation } = await liveRoom();
        const rival = attachmentIn(room);
        expect(await rooms.claim({ ...rival, speech, grants })).toEqual({ status: 'presenter-exists' });
        expect(await rooms.leave(presenter)).toEqual({
          status: 'ended',
          generation,
          media: { server, pipeline },
        });
        expect(await claimed(rival)).toBe(generation + 1);
      });

      it('can be taken over when its claimant never went live', async () => {
        const dead = attachmentIn(newRoom());
        const successor = attachmentIn(dead.room);
        const generation = await claimed(dead);
        expect((await rooms.claim({ ...successor, speech, grants })).status).toBe('presenter-exists');
        await expect
          .poll(() => rooms.claim({ ...successor, speech, grants }), {
            timeout: store.claimMs * 4,
            interval: 20,
          })
          .toEqual({ status: 'claimed', generation: generation + 1, isAnew: false });
        expect(await goLive(dead, generation)).toEqual({ status: 'fenced' });
        expect(await rooms.leave(dead)).toEqual({ status: 'unknown' });
        expect((await rooms.read(dead.room)).presenter).toBe(successor.session);
      });

      it('cannot be gone live with after it was given up', async () => {
        const presenter = attachmentIn(newRoom());
        const generation = await claimed(presenter);
        expect(await rooms.leave(presenter)).toEqual({ status: 'ended', generation, media: null });
        expect(await goLive(presenter, generation)).toEqual({ status: 'fenced' });
        expect((await rooms.read(presenter.room)).state).toBe('ended');
      });

      it('[R-OWN-5] lets its own session build the media anew, with everybody still in the room', async () => {
        const { room, presenter, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        expect(await rooms.claim({ ...presenter, speech, grants })).toEqual({
          status: 'claimed',
          generation: generation + 1,
          isAnew: true,
        });
        expect((await join(attachmentIn(room))).status).toBe('starting');
        expect(await goLive(presenter, generation)).toEqual({ status: 'fenced' });
        expect(await goLive(presenter, generation + 1)).toEqual({
          status: 'live',
          previous: { server, pipeline },
        });
        expect((await rooms.read(room)).sessions.has(viewer.session)).toBe(true);
        expect(await join(viewer)).toMatchObject({
          status: 'joined',
          generation: generation + 1,
          previous: mediaOf(generation),
        });
      });

      it('tells what plays when a presenter leaves while its media is built anew', async () => {
        const { presenter, generation } = await liveRoom();
        await claimed(presenter);
        expect(await rooms.leave(presenter)).toEqual({
          status: 'ended',
          generation: generation + 1,
          media: { server, pipeline },
        });
      });
    });

    describe('viewers', () => {
      it('are told of a presenter that is not there, starting, or live', async () => {
        const presenter = attachmentIn(newRoom());
        const viewer = attachmentIn(presenter.room);
        expect(await join(viewer)).toEqual({ status: 'no-presenter' });
        const generation = await claimed(presenter);
        expect(await join(viewer)).toEqual({ status: 'starting' });
        await goLive(presenter, generation);
        expect(await join(viewer)).toEqual({
          status: 'joined',
          generation,
          server,
          pipeline,
          source,
          seq: 1,
          previous: null,
        });
      });

      it('count against the room’s slots while they join, once however often', async () => {
        const { room, generation } = await liveRoom(3);
        const [first, second, third] = [attachmentIn(room), attachmentIn(room), attachmentIn(room)];
        await join(first);
        await join(first);
        expect((await join(second)).status).toBe('joined');
        expect(await join(third)).toEqual({ status: 'out-of-slots', generation, slots: 3 });
        expect((await join(third, { generation: generation - 1, slots: 9 })).status).toBe('out-of-slots');
        expect((await join(third, { generation, slots: 4 })).status).toBe('joined');
        expect((await rooms.read(room)).sessions.size).toBe(4);
      });

      it('[R-ROOM-5] leave without touching anybody else', async () => {
        const { room, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        expect(await rooms.leave(viewer)).toEqual({ status: 'left', media: mediaOf(generation) });
        expect(await rooms.leave(viewer)).toEqual({ status: 'unknown' });
        const view = await rooms.read(room);
        expect([view.state, view.sessions.size]).toEqual(['live', 1]);
      });

      it('are fenced when they, or the broadcast they joined, are gone before they are confirmed', async () => {
        const { room, presenter, generation } = await liveRoom();
        const [gone, late] = [attachmentIn(room), attachmentIn(room)];
        await join(gone);
        await join(late);
        expect(await rooms.leave(gone)).toEqual({ status: 'left', media: null });
        expect(await rooms.confirm({ ...gone, media: mediaOf(generation) })).toBe('fenced');
        await rooms.leave(presenter);
        expect(await rooms.confirm({ ...late, media: mediaOf(generation) })).toBe('fenced');
        await goLive(presenter, await claimed(presenter));
        expect(await rooms.confirm({ ...late, media: mediaOf(generation) })).toBe('fenced');
      });

      it('[R-ROOM-4] end with the presenter', async () => {
        const { room, presenter, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        await rooms.leave(presenter);
        expect(await rooms.leave(viewer)).toEqual({ status: 'unknown' });
        expect(await rooms.leave(presenter)).toEqual({ status: 'unknown' });
        expect(await rooms.read(room)).toMatchObject({ state: 'ended', presenter: null, media: null });
        expect(await rooms.summary(room)).toEqual({ state: 'ended', generation, seq: 2 });
      });
    });

    describe('attachments', () => {
      it('[R-OWN-1] a newer one wins, and nothing the older one writes is accepted', async () => {
        const { room, generation } = await liveRoom();
        const old = await viewing(room, generation);
        const present = await reattached(old, asNodeId('node-2'));
        expect(present.epoch).toBe(old.epoch + 1);
        expect(await rooms.detach(old)).toBe('fenced');
        expect(await rooms.leave(old)).toEqual({ status: 'fenced' });
        expect(await join(old)).toEqual({ status: 'fenced' });
        expect(await rooms.confirm({ ...old, media: mediaOf(generation) })).toBe('fenced');
        expect(await rooms.leave(present)).toMatchObject({ status: 'left' });
      });

      it('[R-OWN-1] a presenter’s older one can neither go live nor claim', async () => {
        const presenter = attachmentIn(newRoom());
        const generation = await claimed(presenter);
        const present = await reattached(presenter);
        expect(await goLive(presenter, generation)).toEqual({ status: 'fenced' });
        expect(await rooms.claim({ ...presenter, speech, grants })).toEqual({ status: 'fenced' });
        expect(await goLive(present, generation)).toMatchObject({ status: 'live' });
      });

      it('[R-OWN-1] the superseded node is told, unless the session had been detached', async () => {
        const heard: InboxMessage[] = [];
        const own = asNodeId(`node-${randomUUID()}`);
        await store.inbox.open(own, message => heard.push(message));
        const { room, generation } = await liveRoom();
        const [first, second] = [await viewing(room, generation), await viewing(room, generation)];
        const [onOwn, detached] = [await reattached(first, own), await reattached(second, own)];
        await rooms.detach(detached);
        await reattached(detached);
        const { epoch } = await reattached(onOwn);
        await expect.poll(() => heard).toEqual([{ type: 'superseded', room, session: first.session, epoch }]);
      });

      it('bring the session’s media, the room and what was missed', async () => {
        const { room, presenter, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        await goLive(presenter, await claimed(presenter));
        expect(await attach(viewer, { seq: 1 })).toEqual({
          status: 'attached',
          grants,
          epoch: 2,
          role: 'viewer',
          media: mediaOf(generation),
          room: { state: 'live', generation: generation + 1, seq: 2 },
          log: { events: [{ type: 'presenter-live', generation: generation + 1, seq: 2 }], isComplete: true },
        });
      });

      it('take the present token and the one before it, whose successor may have been lost; no older one', async () => {
        const { room, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        const second = await reattached(viewer);
        expect(await attach(viewer)).toMatchObject({ status: 'attached', epoch: 3 });
        expect(await attach(viewer)).toEqual({ status: 'bad-token' });
        expect(await attach({ ...second, epoch: 9 })).toEqual({ status: 'bad-token' });
        expect(await attach(attachmentIn(room))).toEqual({ status: 'unknown' });
      });

      it('of one session race to one winner', async () => {
        const { room, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        const results = await Promise.all([attach(viewer), attach(viewer), attach(viewer)]);
        const epochs = results.flatMap(result => (result.status === 'attached' ? [result.epoch] : []));
        expect(epochs).toEqual([2, 3]);
        expect((await rooms.read(room)).sessions.get(viewer.session)?.epoch).toBe(3);
      });
    });

    describe('grace', () => {
      it('[R-OWN-3] ends a session that does not come back, exactly once', async () => {
        const { room, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        expect(await rooms.detach(viewer)).toBe('detached');
        expect(await rooms.detach(viewer)).toBe('detached');
        const expire = (graceMs: number) => rooms.expire({ ...viewer, graceMs });
        expect(await expire(60_000)).toMatchObject({ status: 'not-yet' });
        const results = await Promise.all([expire(0), expire(0), expire(0)]);
        expect(results.map(result => result.status).sort()).toEqual(['left', 'unknown', 'unknown']);
      });

      it('[R-OWN-3] ends a presenter’s room', async () => {
        const { room, presenter, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        await rooms.detach(presenter);
        expect(await rooms.expire({ ...presenter, graceMs: 0 })).toEqual({
          status: 'ended',
          generation,
          media: { server, pipeline },
        });
        expect(await rooms.leave(viewer)).toEqual({ status: 'unknown' });
      });

      it('is over with a resume, for ever', async () => {
        const { room, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        await rooms.detach(viewer);
        const present = await reattached(viewer);
        expect(await rooms.expire({ ...viewer, graceMs: 0 })).toEqual({ status: 'attached' });
        await rooms.detach(present);
        expect(await rooms.expire({ ...viewer, graceMs: 0 })).toEqual({ status: 'attached' });
        expect(await rooms.expire({ ...present, graceMs: 0 })).toMatchObject({ status: 'left' });
      });

      it('[R-OWN-1] is over when the node proves to live, unless the session is elsewhere by then', async () => {
        const { room, generation } = await liveRoom();
        const [viewer, moved] = [await viewing(room, generation), await viewing(room, generation)];
        const { node } = viewer;
        expect(await rooms.hold(viewer)).toBe('held');
        await reattached(moved, asNodeId('node-2'));
        await rooms.detachNode({ room, node });
        expect(await rooms.hold(viewer)).toBe('held');
        expect(await rooms.hold({ ...viewer, node: asNodeId('node-2') })).toBe('fenced');
        expect(await rooms.hold(moved)).toBe('fenced');
        expect(await rooms.hold(attachmentIn(room))).toBe('unknown');
        expect(await rooms.expire({ ...viewer, graceMs: 0 })).toEqual({ status: 'attached' });
        await rooms.detachNode({ room, node });
        await rooms.confirm({ ...viewer, media: mediaOf(generation) });
        expect(await rooms.expire({ ...viewer, graceMs: 0 })).toEqual({ status: 'attached' });
      });

      it('begins for everybody a node had, and for nobody else', async () => {
        const { room, presenter, generation } = await liveRoom();
        const dead = asNodeId('node-dead');
        const viewer = await reattached(await viewing(room, generation), dead);
        const { session, epoch } = viewer;
        const media = mediaOf(generation);
        const lost = [{ session, epoch, role: 'viewer', speech, media }];
        expect(await rooms.detachNode({ room, node: dead })).toEqual(lost);
        expect(await rooms.detachNode({ room, node: dead })).toEqual(lost);
        const { sessions } = await rooms.read(room);
        expect(sessions.get(session)?.detachedAtMs).toBeGreaterThan(0);
        expect(sessions.get(presenter.session)?.detachedAtMs).toBeNull();
        await reattached(viewer);
        expect(await rooms.detachNode({ room, node: dead })).toEqual([]);
      });
    });

    describe('what a lost store has forgotten', () => {
      it('[R-REDIS-2] is put back by those who know it, and nothing newer is overwritten', async () => {
        const { room, presenter, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        const before = await rooms.read(room);
        const restore = (to: RoomName, of: Attachment, epoch = 1) => {
          const record = before.sessions.get(of.session);
          if (!record) throw new Error('unreachable');
          return rooms.restore({
            room: to,
            session: of.session,
            record: { ...record, epoch },
            source,
            seq: before.seq,
            slots: 10,
          });
        };
        const fresh = newRoom();
        expect(await restore(fresh, viewer)).toBe('restored');
        expect(await restore(fresh, presenter)).toBe('restored');
        expect(await restore(fresh, viewer)).toBe('restored');
        expect(await rooms.read(fresh)).toEqual(before);

        const newer = await reattached({ ...viewer, room: fresh });
        expect(await restore(fresh, viewer)).toBe('restored');
        expect((await rooms.read(fresh)).sessions.get(viewer.session)?.epoch).toBe(newer.epoch);
        await claimed({ ...presenter, room: fresh });
        expect(await restore(fresh, viewer)).toBe('fenced');
      });

      it('[R-ROOM-1] [R-REDIS-2] nothing is put back into a room where another broadcast began, or this one ended, meanwhile', async () => {
        const { room, presenter, generation } = await liveRoom();
        const record = (await rooms.read(room)).sessions.get(presenter.session);
        if (!record?.media) throw new Error('unreachable');
        const restore = (to: RoomName, counted: number) =>
          rooms.restore({
            room: to,
            session: presenter.session,
            record: { ...record, media: { ...mediaOf(counted), pipeline: asPipelineId('former') } },
            source,
            seq: 9,
            slots: 10,
          });
        const other = attachmentIn(newRoom());
        await claimed(other);
        for (const counted of [generation, generation + 4])
          expect(await restore(other.room, counted)).toBe('fenced');
        await goLive(other, 1);
        for (const counted of [generation, generation + 4])
          expect(await restore(other.room, counted)).toBe('fenced');
        expect(await rooms.read(other.room)).toMatchObject({ presenter: other.session, generation: 1 });
        await rooms.leave(other);
        expect(await restore(other.room, 1)).toBe('fenced');
        expect(await rooms.summary(other.room)).toMatchObject({ state: 'ended' });
      });

      it('[R-REDIS-2] a session whose epoch nobody remembers is resumed with any token, or replaced by who knows', async () => {
        const { room, presenter, generation } = await liveRoom();
        const [resuming, remembered] = [await viewing(room, generation), await viewing(room, generation)];
        const before = await rooms.read(room);
        const fresh = newRoom();
        const restore = (session: SessionId, as: Partial<Session>) => {
          const record = before.sessions.get(session);
          if (!record) throw new Error('unreachable');
          const order = { room: fresh, session, source, seq: before.seq, slots: 10 };
          return rooms.restore({ ...order, record: { ...record, ...as } });
        };
        const unknown = { epoch: 0, speech: 'tutorial', detachedAtMs: 1 } as const;
        await restore(presenter.session, unknown);
        await restore(resuming.session, unknown);
        await restore(remembered.session, unknown);
        await restore(remembered.session, { epoch: 3 });
        const attached = await attach({ ...resuming, room: fresh, epoch: 7 });
        expect(attached).toMatchObject({ status: 'attached', epoch: 8 });
        const session = await rooms.session(fresh, resuming.session);
        expect(session).toMatchObject({ epoch: 8, speech: 'manycast.v1', detachedAtMs: null });
        expect(await attach({ ...resuming, room: fresh, epoch: 3 })).toEqual({ status: 'bad-token' });
        expect(await rooms.session(fresh, remembered.session)).toMatchObject({
          epoch: 3,
          detachedAtMs: null,
        });
        expect(await rooms.session(fresh, asSessionId('nobody'))).toBeNull();
      });

      it('a broadcast whose presenter is not put back can be ended, one that has a presenter cannot', async () => {
        const { room, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        const record = (await rooms.read(room)).sessions.get(viewer.session);
        if (!record) throw new Error('unreachable');
        const fresh = newRoom();
        await rooms.restore({ room: fresh, session: viewer.session, record, source: null, seq: 5, slots: 4 });
        expect(await rooms.endAbandoned({ room, generation })).toEqual({ status: 'fenced' });
        const order = { room: fresh, generation: generation - 1 };
        expect(await rooms.endAbandoned(order)).toEqual({ status: 'fenced' });
        expect(await rooms.endAbandoned({ ...order, generation })).toEqual({
          status: 'ended',
          generation,
          media: { server, pipeline },
        });
        expect(await rooms.endAbandoned({ ...order, generation })).toEqual({ status: 'fenced' });
        expect(await rooms.summary(fresh)).toEqual({ state: 'ended', generation, seq: 6 });
      });
    });

    describe('events', () => {
      async function heardIn(room: RoomName): Promise<RoomEvent[]> {
        const events: RoomEvent[] = [];
        await store.events.subscribe(room, event => events.push(event));
        return events;
      }
      const twoBroadcasts = [
        { type: 'presenter-live', generation: 1, seq: 1 },
        { type: 'presenter-left', generation: 1, seq: 2 },
        { type: 'presenter-live', generation: 2, seq: 3 },
        { type: 'presenter-left', generation: 2, seq: 4 },
      ];

      it('[R-BUS-1] come once each, in order, numbered, and are kept', async () => {
        const presenter = attachmentIn(newRoom());
        const events = await heardIn(presenter.room);
        for (const _ of [1, 2]) {
          await goLive(presenter, await claimed(presenter));
          await rooms.leave(presenter);
        }
        await expect.poll(() => events.length).toBe(4);
        expect(events).toEqual(twoBroadcasts);
        expect(await rooms.eventsAfter(presenter.room, 2)).toEqual({
          events: twoBroadcasts.slice(2),
          isComplete: true,
        });
        expect(await rooms.eventsAfter(presenter.room, 4)).toEqual({ events: [], isComplete: true });
      });

      it('are those of their room only, and none after a subscription is closed', async () => {
        const { room, presenter } = await liveRoom();
        const other = await liveRoom();
        const events = await heardIn(room);
        const closed: RoomEvent[] = [];
        const subscription = await store.events.subscribe(room, event => closed.push(event));
        subscription.close();
        subscription.close();
        await rooms.leave(other.presenter);
        await rooms.leave(presenter);
        await expect.poll(() => events.length).toBe(1);
        expect(closed).toEqual([]);
      });
    });
  });
}
