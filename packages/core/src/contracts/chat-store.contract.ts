import { randomUUID } from 'node:crypto';
import {
  asEndpointId,
  asMediaServerUrl,
  asNodeId,
  asPipelineId,
  asSessionId,
  type ModerationAct,
  RoomName,
} from '@manycast/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Audience, ChatEntry, Speaker } from '../domain/chat.js';
import { openGrants } from '../domain/grants.js';
import type { ChatStore } from '../ports/chat-store.js';
import type { RoomFeed } from '../ports/room-feed.js';
import type { RoomStore } from '../ports/room-store.js';

export interface ChatStoreUnderTest {
  rooms: RoomStore;
  chat: ChatStore;
  feed: RoomFeed;
  /** Of every room; the suite waits for it. */
  afterglowMs: number;
  /** Entries that a log holds: 20. */
  kept: number;
  close(): Promise<void>;
}

/** What every ChatStore (with the rooms it follows, and the feed it publishes on) must do. */
export function describeChatStore(name: string, open: () => Promise<ChatStoreUnderTest>): void {
  describe(`ChatStore: ${name}`, () => {
    let store: ChatStoreUnderTest;
    let rooms: RoomStore;
    let chat: ChatStore;
    beforeAll(async () => {
      store = await open();
      ({ rooms, chat } = store);
    });
    afterAll(() => store.close());

    const server = asMediaServerUrl('ws://media-1/kurento');
    const media = { server, pipeline: asPipelineId('p1'), endpoint: asEndpointId('p1/e1') };
    const newSpeaker = (room: RoomName, as: Partial<Speaker> = {}): Speaker => ({
      room,
      session: asSessionId(randomUUID()),
      epoch: 1,
      name: null,
      identity: null,
      isModerator: false,
      mayChat: true,
      ...as,
    });
    const identity = ({ room, session, epoch }: Speaker) => ({
      ...{ room, session, epoch, node: asNodeId('node-1') },
      ...{ speech: 'manycast.v1' as const, grants: openGrants },
    });

    async function present(room = RoomName.parse(`room-${randomUUID()}`)): Promise<Speaker> {
      const speaker = newSpeaker(room, { isModerator: true, name: 'Ada' });
      const claim = await rooms.claim(identity(speaker));
      if (claim.status !== 'claimed') throw new Error(claim.status);
      const { generation } = claim;
      await rooms.goLive({ ...identity(speaker), ...media, generation, slots: 10 });
      return speaker;
    }
    async function watch(room: RoomName, as: Partial<Speaker> = {}): Promise<Speaker> {
      const speaker = newSpeaker(room, as);
      expect((await rooms.join(identity(speaker))).status).toBe('joined');
      return speaker;
    }
    const say = (by: Speaker, text: string, clientId: string = randomUUID()) =>
      chat.say({ ...by, clientId, text });
    async function hearing(room: RoomName) {
      const heard: ChatEntry[] = [];
      const told: Audience[] = [];
      const subscription = await store.feed.subscribe(room, {
        onEntry: entry => heard.push(entry),
        onPresence: audience => told.push(audience),
      });
      return { heard, told, subscription };
    }

    it('numbers what is said, stamps it, keeps it and tells everybody', async () => {
      const beganMs = Date.now();
      const presenter = await present();
      const { room } = presenter;
      const viewer = await watch(room);
      const { heard, subscription } = await hearing(room);
      expect(await say(presenter, 'welcome')).toMatchObject({ status: 'said', offset: 1 });
      expect(await say(viewer, '<b>hello</b>')).toMatchObject({ status: 'said', offset: 2 });
      await expect.poll(() => heard.length).toBe(2);
      const { epoch } = heard[0] as ChatEntry;
      expect(heard).toMatchObject([
        {
          type: 'message',
          offset: 1,
          from: presenter.session,
          name: 'Ada',
          isModerator: true,
          text: 'welcome',
        },
        { type: 'message', offset: 2, epoch, from: viewer.session, name: null, text: '<b>hello</b>' },
      ]);
      for (const { atMs, intoMs } of heard) {
        expect(atMs).toBeGreaterThanOrEqual(beganMs - 1_000);
        expect(intoMs).toBeLessThanOrEqual(Date.now() - beganMs + 1_000);
      }
      expect(await chat.read({ room, limit: 10 })).toEqual({ epoch, first: 1, last: 2, entries: heard });
      expect(subscription.summary).toMatchObject({ epoch, offset: 2, closesAtMs: null, slowModeMs: 0 });
      subscription.close();
    });

    it('says a request once, however often it is sent', async () => {
      const presenter = await present();
      const { heard } = await hearing(presenter.room);
      const first = await say(presenter, 'once', 'same');
      await say(presenter, 'other');
      expect(await say(presenter, 'once', 'same')).toEqual(first);
      await expect.poll(() => heard.length).toBe(2);
      // The same name in the mouth of somebody else is something else.
      expect(await say(await watch(presenter.room), 'mine', 'same')).toMatchObject({ offset: 3 });
    });

    it('has one order for everybody, whoever races', async () => {
      const presenter = await present();
      const speakers = await Promise.all(Array.from({ length: 5 }, () => watch(presenter.room)));
      const [one, other] = [await hearing(presenter.room), await hearing(presenter.room)];
      const said = await Promise.all(
        speakers.flatMap(speaker => [1, 2, 3].map(number => say(speaker, String(number)))),
      );
      expect(new Set(said.map(result => result.status === 'said' && result.offset)).size).toBe(15);
      await expect.poll(() => [one.heard.length, other.heard.length]).toEqual([15, 15]);
      expect(one.heard.map(({ offset }) => offset)).toEqual(Array.from({ length: 15 }, (_, at) => at + 1));
      expect(other.heard).toEqual(one.heard);
    });

    it('reads pages forwards and backwards, as far as the log reaches', async () => {
      const presenter = await present();
      const { room } = presenter;
      for (let number = 1; number <= store.kept + 5; number += 1)
        await say(presenter, `${number}`, `c${number}`);
      const offsets = async (order: object) => {
        const page = await chat.read({ room, limit: 3, ...order });
        return [page?.first, page?.last, ...(page?.entries ?? []).map(({ offset }) => offset)];
      };
      expect(await offsets({})).toEqual([6, 25, 23, 24, 25]);
      expect(await offsets({ before: 23 })).toEqual([6, 25, 20, 21, 22]);
      expect(await offsets({ before: 8 })).toEqual([6, 25, 6, 7]);
      expect(await offsets({ before: 6 })).toEqual([6, 25]);
      expect(await offsets({ after: 0 })).toEqual([6, 25, 6, 7, 8]);
      expect(await offsets({ after: 23 })).toEqual([6, 25, 24, 25]);
      expect(await offsets({ after: 99 })).toEqual([6, 25]);
      expect(await chat.read({ room, epoch: 'no-such', limit: 3 })).toBeNull();
      expect(await chat.read({ room: RoomName.parse(`never-${randomUUID()}`), limit: 3 })).toBeNull();
      // What fell out of the log is forgotten whole.
      expect(await say(presenter, 'again', 'c1')).toMatchObject({ offset: 26 });
      expect(await say(presenter, 'known', 'c25')).toMatchObject({ offset: 25 });
    });

    it('refuses who is not in the room, attached elsewhere, or not to chat', async () => {
      const presenter = await present();
      const { room } = presenter;
      const refused = async (speaker: Speaker) => {
        const result = await say(speaker, 'hello');
        return result.status === 'refused' ? result.code : 'said';
      };
      expect(await refused(newSpeaker(room))).toBe('not-in-room');
      expect(await refused({ ...presenter, epoch: 2 })).toBe('fenced');
      expect(await refused({ ...presenter, mayChat: false })).toBe('not-allowed');
      expect(await refused(newSpeaker(RoomName.parse(`never-${randomUUID()}`)))).toBe('chat-closed');
      expect((await chat.read({ room, limit: 10 }))?.entries).toEqual([]);
    });

    it('glows on when the broadcast is over, closes, and leaves a transcript', async () => {
      const presenter = await present();
      const { room } = presenter;
      const viewer = await watch(room);
      const { heard, subscription } = await hearing(room);
      await say(viewer, 'during');
      await rooms.leave(identity(presenter));
      expect(await say(viewer, 'afterwards')).toMatchObject({ status: 'said', offset: 3 });
      await expect.poll(() => heard.map(({ type }) => type)).toEqual(['message', 'ended', 'message']);
      const summary = subscription.summary;
      expect(summary?.closesAtMs).toBeGreaterThan(0);
      await expect
        .poll(() => say(viewer, 'too late'), { timeout: store.afterglowMs + 5_000 })
        .toMatchObject({ status: 'refused', code: 'chat-closed' });

      await present(room);
      expect(await chat.read({ room, limit: 10 })).toMatchObject({ first: 0, last: 0, entries: [] });
      expect(await chat.openings(room)).toEqual([{ epoch: summary?.epoch, endedAtMs: expect.any(Number) }]);
      const transcript = await chat.read({ room, epoch: summary?.epoch, limit: 10 });
      expect(transcript?.entries.slice(0, 3)).toEqual(heard.slice(0, 3));
      // Those who stayed follow into the new log.
      const next = await present(RoomName.parse(`room-${randomUUID()}`));
      await say(next, 'elsewhere');
      expect(heard.every(({ epoch }) => epoch === summary?.epoch)).toBe(true);
    });

    const moderate = (by: Speaker | null, act: ModerationAct, clientId: string = randomUUID()) =>
      chat.moderate({ room: (by as Speaker).room, by, clientId, act });
    const entries = async (room: RoomName) => (await chat.read({ room, limit: 50 }))?.entries ?? [];

    it('[R-MOD-1] lets presenters and moderators act, and nobody else', async () => {
      const presenter = await present();
      const { room } = presenter;
      const viewer = await watch(room);
      const moderator = newSpeaker(room);
      const grants = { ...openGrants, isModerator: true };
      await rooms.join({ ...identity(moderator), grants });
      await say(viewer, 'rude');
      const act = { type: 'delete', offset: 1 } as const;
      const refused = (code: string) => ({ status: 'refused', code });
      expect(await moderate(viewer, act)).toEqual(refused('not-allowed'));
      expect(await moderate(newSpeaker(room), act)).toEqual(refused('not-in-room'));
      expect(await moderate({ ...presenter, epoch: 9 }, act)).toEqual(refused('fenced'));
      expect(await moderate(moderator, { type: 'delete', offset: 7 })).toEqual(refused('not-found'));
      expect(await moderate(moderator, { type: 'kick', session: presenter.session })).toEqual(
        refused('not-allowed'),
      );
      expect(await moderate(moderator, { type: 'mute', session: 'nobody', forMs: null })).toEqual(
        refused('not-found'),
      );
      expect(await moderate(moderator, act)).toEqual({ status: 'done', ended: [] });
      expect(await moderate(presenter, act)).toEqual({ status: 'done', ended: [] });
      expect(await entries(room)).toMatchObject([
        { type: 'message', text: null },
        { type: 'deleted', by: moderator.session, target: 1 },
      ]);
      expect(
        await chat.moderate({ room, by: null, clientId: 'o', act: { type: 'slow-mode', intervalMs: 5_000 } }),
      ).toEqual({ status: 'done', ended: [] });
      expect((await entries(room)).at(-1)).toMatchObject({ type: 'slow-mode', by: null, intervalMs: 5_000 });
    });

    it('[R-MOD-2] mutes for a while or for good, and notes it once', async () => {
      const presenter = await present();
      const { room } = presenter;
      const viewer = await watch(room);
      const { session } = viewer;
      for (const clientId of ['one', 'one'])
        await moderate(presenter, { type: 'mute', session, forMs: null }, clientId);
      expect(await say(viewer, 'muted')).toMatchObject({ status: 'refused', code: 'muted' });
      expect((await chat.roster({ room, limit: 50 })).members).toContainEqual(
        expect.objectContaining({ session, role: 'viewer', isMuted: true, isAway: false }),
      );
      await moderate(presenter, { type: 'unmute', session });
      expect(await say(viewer, 'again')).toMatchObject({ status: 'said' });
      await moderate(presenter, { type: 'mute', session, forMs: 60_000 });
      const refusal = await say(viewer, 'once more');
      expect(refusal).toMatchObject({ status: 'refused', code: 'muted' });
      if (refusal.status === 'refused') expect(refusal.retryAfterMs).toBeLessThanOrEqual(60_000);
      expect((await entries(room)).map(({ type }) => type)).toEqual(['muted', 'unmuted', 'message', 'muted']);
    });

    it('[R-MOD-3] kicks: the session is over and its node is told; a ban also keeps the person out', async () => {
      const presenter = await present();
      const { room } = presenter;
      const grants = { ...openGrants, identity: 'eve' };
      const [kicked, banned, other] = [newSpeaker(room), newSpeaker(room), newSpeaker(room)];
      await rooms.join(identity(kicked));
      for (const one of [banned, other]) await rooms.join({ ...identity(one), grants });
      expect(await moderate(presenter, { type: 'kick', session: kicked.session })).toEqual({
        status: 'done',
        ended: [{ status: 'left', media: null }],
      });
      expect(await rooms.join(identity(kicked))).toMatchObject({ status: 'joined' });
      const result = await moderate(presenter, { type: 'ban', session: banned.session });
      // Whatever else the person has open goes too.
      expect(result.status === 'done' && result.ended).toHaveLength(2);
      expect(await rooms.session(room, other.session)).toBeNull();
      const again = newSpeaker(room);
      expect(await rooms.join({ ...identity(again), grants })).toEqual({ status: 'banned' });
      await moderate(presenter, { type: 'unban', session: banned.session });
      expect((await rooms.join({ ...identity(again), grants })).status).toBe('joined');
      expect((await entries(room)).map(({ type }) => type)).toEqual(['kicked', 'banned', 'unbanned']);
    });

    it('[R-MOD-4] closes the room, for everybody', async () => {
      const presenter = await present();
      const { room } = presenter;
      await watch(room);
      const result = await moderate(presenter, { type: 'close' });
      expect(result).toMatchObject({ status: 'done', ended: [{ status: 'ended' }] });
      expect((await rooms.read(room)).sessions.size).toBe(0);
      expect((await entries(room)).map(({ type }) => type)).toEqual(['closed', 'ended']);
    });

    it('[R-MOD-5] slows down everybody but those who keep order', async () => {
      const presenter = await present();
      const viewer = await watch(presenter.room);
      await moderate(presenter, { type: 'slow-mode', intervalMs: 60_000 });
      expect(await say(viewer, 'first')).toMatchObject({ status: 'said' });
      const refusal = await say(viewer, 'second');
      expect(refusal).toMatchObject({ status: 'refused', code: 'too-fast' });
      if (refusal.status === 'refused') expect(refusal.retryAfterMs).toBeGreaterThan(0);
      for (const text of ['one', 'two']) expect(await say(presenter, text)).toMatchObject({ status: 'said' });
    });

    it('[R-PRES-1] tells how many watch when that has changed, and not twice within the pause', async () => {
      const presenter = await present();
      const { room } = presenter;
      const { told, subscription } = await hearing(room);
      const viewers = [await watch(room), await watch(room)];
      expect(await chat.tellPresence(room, 60_000)).toMatchObject({
        status: 'told',
        card: { viewers: 2, isPresenterAway: false, opening: (await chat.state(room))?.epoch },
      });
      expect(await chat.tellPresence(room, 60_000)).toMatchObject({ status: 'same', card: { seq: 1 } });
      await rooms.leave(identity(viewers[0] as Speaker));
      expect(await chat.tellPresence(room, 60_000)).toMatchObject({ status: 'early' });
      expect(await chat.tellPresence(room, 0)).toMatchObject({
        status: 'told',
        card: { viewers: 1, seq: 2 },
      });
      // One who may come back has its place.
      await rooms.detach(identity(viewers[1] as Speaker));
      await rooms.detach(identity(presenter));
      expect(await chat.tellPresence(room, 0)).toMatchObject({ card: { viewers: 1, isPresenterAway: true } });
      await expect
        .poll(() => told)
        .toEqual([
          { viewers: 2, isPresenterAway: false },
          { viewers: 1, isPresenterAway: false },
          { viewers: 1, isPresenterAway: true },
        ]);
      expect(subscription.summary?.offset).toBe(0);
      await rooms.leave(identity(presenter));
      expect(await chat.tellPresence(room, 0)).toMatchObject({ status: 'ended' });
    });

    it('[R-LIFE-1] says once that the presenter is away, and once that it is back', async () => {
      const presenter = await present();
      const { room } = presenter;
      for (let time = 0; time < 2; time += 1) await rooms.detach(identity(presenter));
      const attached = await rooms.attach({ ...identity(presenter), tokenEpoch: 1, seq: 0 });
      expect(attached.status).toBe('attached');
      const { events } = await rooms.eventsAfter(room, 0);
      expect(events.map(({ type }) => type)).toEqual(['presenter-live', 'presenter-away', 'presenter-back']);
    });

    it('[R-REDIS-2] begins another log, by another name, for a room that was put back', async () => {
      const presenter = await present();
      const record = (await rooms.read(presenter.room)).sessions.get(presenter.session);
      if (!record) throw new Error('unreachable');
      const fresh = RoomName.parse(`room-${randomUUID()}`);
      const order = {
        room: fresh,
        session: presenter.session,
        record,
        source: media.endpoint,
        seq: 1,
        slots: 4,
      };
      expect(await rooms.restore(order)).toBe('restored');
      expect(await say({ ...presenter, room: fresh }, 'still here')).toMatchObject({
        status: 'said',
        offset: 1,
      });
    });
  });
}
