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
      const live = await goLive(presenter, generation, slots);
      if (live.status !== 'live') throw new Error(`not live: ${live.status}`);
      expect(live.previous).toBeNull();
      return { room: presenter.room, presenter, generation, seq: live.seq };
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
        expect(await rooms.claim({ ...rival, speech, grants })).toEqual({
          status: 'presenter-exists',
          isAbsent: false,
        });
        await rooms.detach(presenter);
        expect(await rooms.claim({ ...rival, speech, grants })).toEqual({
          status: 'presenter-exists',
          isAbsent: true,
        });
        expect(await rooms.leave(presenter)).toEqual({
          status: 'ended',
          generation,
          media: { server, pipeline },
        });
        expect(await claimed(rival)).toBeGreaterThan(generation);
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
          .toMatchObject({ status: 'claimed', isAnew: false });
        expect(await goLive(dead, generation)).toEqual({ status: 'unknown' });
        expect(await rooms.leave(dead)).toEqual({ status: 'unknown' });
        expect((await rooms.read(dead.room)).presenter).toBe(successor.session);
      });

      it('cannot be gone live with after it was given up', async () => {
        const presenter = attachmentIn(newRoom());
        const generation = await claimed(presenter);
        expect(await rooms.leave(presenter)).toEqual({ status: 'ended', generation, media: null });
        expect(await goLive(presenter, generation)).toEqual({ status: 'unknown' });
        expect((await rooms.read(presenter.room)).state).toBe('ended');
      });

      it('is gone live with once, also when it is asked for again', async () => {
        const { room, presenter, generation, seq } = await liveRoom();
        expect(await goLive(presenter, generation)).toEqual({
          ...{ status: 'live', seq, previous: null },
          hasFormer: false,
        });
        expect((await rooms.eventsAfter(room, 0)).events).toHaveLength(1);
        await reattached(presenter);
        expect(await goLive(presenter, generation)).toEqual({ status: 'fenced' });
      });

      it('[R-OWN-5] lets its own session build the media anew, with everybody still in the room', async () => {
        const { room, presenter, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        const claim = await rooms.claim({ ...presenter, speech, grants });
        if (claim.status !== 'claimed') throw new Error(claim.status);
        expect(claim.isAnew).toBe(true);
        expect(claim.generation).toBeGreaterThan(generation);
        expect((await join(attachmentIn(room))).status).toBe('starting');
        expect(await goLive(presenter, generation)).toEqual({ status: 'fenced' });
        expect(await goLive(presenter, claim.generation)).toMatchObject({
          status: 'live',
          previous: { server, pipeline },
        });
        expect((await rooms.read(room)).sessions.has(viewer.session)).toBe(true);
        expect(await join(viewer)).toMatchObject({
          status: 'joined',
          generation: claim.generation,
          previous: mediaOf(generation),
        });
      });

      it('tells what plays when a presenter leaves while its media is built anew', async () => {
        const { presenter } = await liveRoom();
        const generation = await claimed(presenter);
        expect(await rooms.leave(presenter)).toEqual({
          status: 'ended',
          generation,
          media: { server, pipeline },
        });
      });
    });

    describe('a media server that is lost', () => {
      it('[R-KMS-2] [R-KMS-3] sends its room back to the start, with everybody in it, and fences what is late', async () => {
        const { room, presenter, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        const late = attachmentIn(room);
        expect((await join(late)).status).toBe('joined');
        const lost = await rooms.lose({ room, generation, graceMs: 60_000 });
        expect(lost).toMatchObject({ status: 'lost', media: { server, pipeline } });
        const again = await rooms.lose({ room, generation, graceMs: 60_000 });
        expect(again).toMatchObject({ status: 'lost', media: null });
        expect(await rooms.confirm({ ...late, media: mediaOf(generation, 'p1/late') })).toBe('fenced');
        const view = await rooms.read(room);
        expect(view).toMatchObject({ state: 'starting', media: null, presenter: presenter.session });
        expect([...view.sessions.keys()]).toContain(viewer.session);
        expect((await join(attachmentIn(room))).status).toBe('starting');
        expect(await rooms.claim({ ...attachmentIn(room), speech, grants })).toMatchObject({
          status: 'presenter-exists',
        });
        const next = await claimed(presenter);
        expect(await goLive(presenter, next)).toMatchObject({ previous: null, hasFormer: false });
        expect(await rooms.lose({ room, generation, graceMs: 60_000 })).toEqual({ status: 'superseded' });
        expect(await join(viewer)).toMatchObject({ status: 'joined', generation: next });
        await rooms.leave(presenter);
        expect(await rooms.lose({ room, generation: next, graceMs: 1 })).toEqual({ status: 'ended' });
      });

      it('ends a room whose presenter does not build it anew in time, and no other', async () => {
        const { room, generation } = await liveRoom();
        const overdue = async (of: number) => rooms.endAbandoned({ room, generation: of, isOverdue: true });
        expect(await overdue(generation)).toEqual({ status: 'fenced' });
        const lost = await rooms.lose({ room, generation, graceMs: 20 });
        if (lost.status !== 'lost') throw new Error(lost.status);
        expect(await rooms.endAbandoned({ room, generation: lost.generation })).toEqual({ status: 'fenced' });
        await expect.poll(async () => (await overdue(lost.generation)).status).toBe('ended');
        expect((await rooms.read(room)).state).toBe('ended');
      });
    });

    describe('a room that moves', () => {
      it('[R-KMS-4] keeps what it played until it is left, which is said once', async () => {
        const { room, presenter, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        expect(await rooms.move({ room, generation })).toBe('moving');
        expect(await rooms.move({ room, generation })).toBe('moving');
        expect(await rooms.move({ room, generation: generation - 1 })).toBe('superseded');
        // Nothing has changed for anybody yet.
        expect(await join(attachmentIn(room))).toMatchObject({ status: 'joined', generation });
        const next = await claimed(presenter);
        expect(await rooms.move({ room, generation })).toBe('starting');
        const moved = { server: asMediaServerUrl('ws://media-2/kurento'), pipeline: asPipelineId('p2') };
        const order = { ...moved, endpoint: asEndpointId('p2/e1'), slots: 10 };
        expect(await rooms.goLive({ ...presenter, generation: next, ...order })).toMatchObject({
          ...{ status: 'live', previous: null, hasFormer: true },
        });
        expect(await rooms.read(room)).toMatchObject({
          media: moved,
          former: { generation, server, pipeline },
        });
        expect(await rooms.move({ room, generation })).toBe('superseded');
        expect(await join(viewer)).toMatchObject({ generation: next, previous: { generation } });
        expect(await rooms.leaveFormer({ room, generation: next })).toBeNull();
        expect(await rooms.leaveFormer({ room, generation })).toEqual({ server, pipeline });
        expect(await rooms.leaveFormer({ room, generation })).toBeNull();
        expect((await rooms.read(room)).former).toBeNull();
      });

      it('gives all of it back when it ends in the middle', async () => {
        const { room, presenter, generation } = await liveRoom();
        await rooms.move({ room, generation });
        const next = await claimed(presenter);
        const moved = { server: asMediaServerUrl('ws://media-2/kurento'), pipeline: asPipelineId('p2') };
        await rooms.goLive({
          ...{ ...presenter, generation: next, ...moved },
          ...{ endpoint: asEndpointId('p2/e1'), slots: 10 },
        });
        expect(await rooms.leave(presenter)).toEqual({
          ...{ status: 'ended', generation: next, media: moved },
          former: { server, pipeline },
        });
      });

      it('[R-KMS-5] seats nobody of its audience beyond the slots of the new generation', async () => {
        const { room, presenter, generation } = await liveRoom();
        const viewers = [await viewing(room, generation), await viewing(room, generation)];
        await rooms.move({ room, generation });
        const next = await claimed(presenter);
        await goLive(presenter, next, 2);
        const answers = [];
        for (const viewer of viewers) answers.push((await join(viewer)).status);
        expect(answers).toEqual(['joined', 'out-of-slots']);
        expect((await join(viewers[0] as Attachment)).status).toBe('joined');
        await rooms.leave(viewers[0] as Attachment);
        expect((await join(viewers[1] as Attachment)).status).toBe('joined');
        expect((await join(attachmentIn(room))).status).toBe('out-of-slots');
        const granted = { generation: next, slots: 3 };
        expect((await join(attachmentIn(room), granted)).status).toBe('joined');
      });
    });

    describe('viewers', () => {
      it('are told of a presenter that is not there, starting, or live', async () => {
        const presenter = attachmentIn(newRoom());
        const viewer = attachmentIn(presenter.room);
        expect(await join(viewer)).toEqual({ status: 'no-presenter' });
        const generation = await claimed(presenter);
        expect(await join(viewer)).toEqual({ status: 'starting' });
        const live = await goLive(presenter, generation);
        expect(await join(viewer)).toEqual({
          status: 'joined',
          generation,
          server,
          pipeline,
          source,
          seq: live.status === 'live' && live.seq,
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
        const { room, presenter, generation, seq } = await liveRoom();
        const viewer = await viewing(room, generation);
        await rooms.leave(presenter);
        expect(await rooms.leave(viewer)).toEqual({ status: 'unknown' });
        expect(await rooms.leave(presenter)).toEqual({ status: 'unknown' });
        expect(await rooms.read(room)).toMatchObject({ state: 'ended', presenter: null, media: null });
        expect(await rooms.summary(room)).toEqual({ state: 'ended', generation, seq: seq + 1 });
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
        const { room, presenter, generation, seq } = await liveRoom();
        const viewer = await viewing(room, generation);
        const newer = await claimed(presenter);
        await goLive(presenter, newer);
        expect(await attach(viewer, { seq })).toEqual({
          status: 'attached',
          grants,
          epoch: 2,
          role: 'viewer',
          media: mediaOf(generation),
          room: { state: 'live', generation: newer, seq: seq + 1 },
          log: { events: [{ type: 'presenter-live', generation: newer, seq: seq + 1 }], isComplete: true },
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
        expect(await rooms.read(fresh)).toEqual({ ...before, seq: expect.any(Number) });

        const newer = await reattached({ ...viewer, room: fresh });
        expect(await restore(fresh, viewer)).toBe('superseded');
        expect((await rooms.read(fresh)).sessions.get(viewer.session)?.epoch).toBe(newer.epoch);
        await claimed({ ...presenter, room: fresh });
        expect(await restore(fresh, viewer)).toBe('fenced');
      });

      it('[R-BUS-1] [R-REDIS-2] events go on above whatever number anybody has seen, and what is between counts as lost', async () => {
        const { room, generation, seq } = await liveRoom();
        const viewer = await viewing(room, generation);
        const record = (await rooms.read(room)).sessions.get(viewer.session);
        if (!record) throw new Error('unreachable');
        const fresh = newRoom();
        await rooms.restore({ room: fresh, session: viewer.session, record, source, seq, slots: 4 });
        const { seq: restored } = await rooms.summary(fresh);
        expect(restored).toBeGreaterThanOrEqual(seq);
        const ahead = { room: fresh, session: viewer.session, record, source, seq: restored + 7, slots: 4 };
        await rooms.restore(ahead);
        expect((await rooms.summary(fresh)).seq).toBeGreaterThanOrEqual(restored + 7);
        expect(await rooms.eventsAfter(fresh, seq)).toEqual({ events: [], isComplete: false });
        expect(await rooms.eventsAfter(fresh, 0)).toEqual({ events: [], isComplete: true });
      });

      it('[R-REDIS-2] of two broadcasts of a room the newer is put back, in whatever order', async () => {
        const { room, presenter, generation } = await liveRoom();
        const late = await viewing(room, generation);
        const before = await rooms.read(room);
        const newer = await claimed(presenter);
        await goLive(presenter, newer);
        const after = await rooms.read(room);
        const restore = (to: RoomName, { session }: Attachment, view: typeof after) => {
          const record = view.sessions.get(session);
          if (!record) throw new Error('unreachable');
          return rooms.restore({ room: to, session, record, source, seq: 1, slots: 10 });
        };
        const fresh = newRoom();
        expect(await restore(fresh, late, before)).toBe('restored');
        expect(await restore(fresh, presenter, after)).toBe('restored');
        expect(await restore(fresh, late, before)).toBe('fenced');
        expect(await rooms.read(fresh)).toMatchObject({ generation: newer, presenter: presenter.session });
        expect([...(await rooms.read(fresh)).sessions.keys()].sort()).toEqual(
          [late.session, presenter.session].sort(),
        );
      });

      it('[R-OWN-1] [R-REDIS-2] a node that put back an older attachment is told', async () => {
        const heard: InboxMessage[] = [];
        const former = asNodeId(`node-${randomUUID()}`);
        await store.inbox.open(former, message => heard.push(message));
        const { room, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        const record = (await rooms.read(room)).sessions.get(viewer.session);
        if (!record) throw new Error('unreachable');
        const fresh = newRoom();
        const restore = (on: typeof node, epoch: number) =>
          rooms.restore({
            room: fresh,
            session: viewer.session,
            record: { ...record, node: on, epoch },
            source,
            seq: 1,
            slots: 4,
          });
        expect(await restore(former, 1)).toBe('restored');
        expect(await restore(node, 2)).toBe('restored');
        const superseded = { type: 'superseded', room: fresh, session: viewer.session, epoch: 2 };
        await expect.poll(() => heard).toEqual([superseded]);
        expect(await restore(former, 1)).toBe('superseded');
        expect(await restore(former, 2)).toBe('superseded');
      });

      it('a viewer waits for a room whose source is not put back yet', async () => {
        const { room, generation } = await liveRoom();
        const viewer = await viewing(room, generation);
        const record = (await rooms.read(room)).sessions.get(viewer.session);
        if (!record) throw new Error('unreachable');
        const fresh = newRoom();
        await rooms.restore({ room: fresh, session: viewer.session, record, source: null, seq: 1, slots: 4 });
        expect(await join(attachmentIn(fresh))).toEqual({ status: 'starting' });
        await rooms.restore({ room: fresh, session: viewer.session, record, source, seq: 1, slots: 4 });
        expect(await join(attachmentIn(fresh))).toMatchObject({ status: 'joined', source });
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
        const begun = await claimed(other);
        expect(await restore(other.room, generation)).toBe('fenced');
        await goLive(other, begun);
        expect(await restore(other.room, generation)).toBe('fenced');
        expect(await rooms.read(other.room)).toMatchObject({ presenter: other.session, generation: begun });
        await rooms.leave(other);
        expect(await restore(other.room, generation)).toBe('fenced');
        expect(await restore(other.room, begun)).toBe('fenced');
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
        await rooms.restore({
          ...{ room: fresh, session: asSessionId('forgotten'), source, seq: 1, slots: 10 },
          record: { ...(session as Session), epoch: 0, node: asNodeId('') },
        });
        const leaving = { room: fresh, session: asSessionId('forgotten'), node, epoch: 4 };
        expect(await rooms.leave(leaving)).toMatchObject({ status: 'left' });
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
        expect(await rooms.summary(fresh)).toMatchObject({ state: 'ended', generation });
      });
    });

    describe('events', () => {
      async function heardIn(room: RoomName): Promise<RoomEvent[]> {
        const events: RoomEvent[] = [];
        await store.events.subscribe(room, event => events.push(event));
        return events;
      }
      it('[R-BUS-1] come once each, in order, numbered, and are kept', async () => {
        const presenter = attachmentIn(newRoom());
        const events = await heardIn(presenter.room);
        const expected: RoomEvent[] = [];
        for (const _ of [1, 2]) {
          const generation = await claimed(presenter);
          const live = await goLive(presenter, generation);
          if (live.status !== 'live') throw new Error(live.status);
          expected.push({ type: 'presenter-live', generation, seq: live.seq });
          await rooms.leave(presenter);
          expected.push({ type: 'presenter-left', generation, seq: live.seq + 1 });
        }
        await expect.poll(() => events.length).toBe(4);
        expect(events).toEqual(expected);
        const [, second, third, last] = expected.map(({ seq }) => seq) as [number, number, number, number];
        expect(third).toBe(second + 1);
        const rest = { events: expected.slice(2), isComplete: true };
        expect(await rooms.eventsAfter(presenter.room, second)).toEqual(rest);
        expect(await rooms.eventsAfter(presenter.room, last)).toEqual({ events: [], isComplete: true });
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
