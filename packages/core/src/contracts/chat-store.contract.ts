import { randomUUID } from 'node:crypto';
import {
  asEndpointId,
  asMediaServerUrl,
  asNodeId,
  asPipelineId,
  asSessionId,
  RoomName,
} from '@manycast/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatEntry, Speaker } from '../domain/chat.js';
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
      const viewers: number[] = [];
      const subscription = await store.feed.subscribe(room, {
        onEntry: entry => heard.push(entry),
        onPresence: count => viewers.push(count),
      });
      return { heard, viewers, subscription };
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
      const transcript = await chat.read({ room, epoch: summary?.epoch, limit: 10 });
      expect(transcript?.entries.slice(0, 3)).toEqual(heard.slice(0, 3));
      // Those who stayed follow into the new log.
      const next = await present(RoomName.parse(`room-${randomUUID()}`));
      await say(next, 'elsewhere');
      expect(heard.every(({ epoch }) => epoch === summary?.epoch)).toBe(true);
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
