import { RoomName } from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RoomCard } from '../domain/chat.js';
import type { RoomDirectory } from '../ports/room-directory.js';

/** What every RoomDirectory must do. */
export function describeRoomDirectory(name: string, open: () => Promise<RoomDirectory>): void {
  describe(`RoomDirectory: ${name}`, () => {
    let directory: RoomDirectory;
    beforeEach(async () => {
      directory = await open();
    });

    const card = (as: Partial<RoomCard> = {}): RoomCard => ({
      ...{ opening: '1000-1', seq: 1, title: null, startedAtMs: 1_000, endsAtMs: null, viewers: 0 },
      ...{ presenterName: null, isPresenterAway: false, isListed: true },
      ...as,
    });
    const put = (room: string, as: Partial<RoomCard> = {}) => directory.put(RoomName.parse(room), card(as));
    const remove = (room: string, opening: string | null = '1000-1') =>
      directory.remove(RoomName.parse(room), opening);
    const names = async (order: object = {}) =>
      (await directory.list({ limit: 10, ...order })).rooms.map(({ room }) => room);

    it('[R-DIR-1] lists live rooms, those with most viewers first, page by page', async () => {
      for (const [index, viewers] of [5, 90, 7, 0].entries()) await put(`room-${index}`, { viewers });
      expect(await names()).toEqual(['room-1', 'room-2', 'room-0', 'room-3']);
      const first = await directory.list({ limit: 3 });
      expect(first).toMatchObject({ total: 4, rooms: [{ room: 'room-1', viewers: 90 }, {}, {}] });
      expect(await directory.list({ limit: 3, after: first.next ?? '' })).toMatchObject({
        next: null,
        rooms: [{ room: 'room-3' }],
      });
    });

    it('finds rooms by the beginnings of words of name, title and presenter', async () => {
      await put('cooking-1', { title: 'Crème brûlée & friends', presenterName: 'Ada Lovelace', viewers: 2 });
      await put('cooking-2', { title: 'Bread', viewers: 1 });
      expect(await names({ query: 'cook' })).toEqual(['cooking-1', 'cooking-2']);
      expect(await names({ query: 'CREME' })).toEqual(['cooking-1']);
      expect(await names({ query: 'love brul' })).toEqual(['cooking-1']);
      expect(await names({ query: 'love bread' })).toEqual([]);
      await put('cooking-1', { title: 'Soup', seq: 2 });
      expect(await names({ query: 'creme' })).toEqual([]);
      expect(await names({ query: 'soup' })).toEqual(['cooking-1']);
    });

    it('keeps what is newer, and a room that is over out', async () => {
      await put('room', { viewers: 3, seq: 3 });
      await put('room', { viewers: 2, seq: 2 });
      expect(await directory.list({ limit: 1 })).toMatchObject({ rooms: [{ viewers: 3 }] });
      await remove('room');
      await put('room', { viewers: 4, seq: 4 });
      expect(await names()).toEqual([]);
      await put('room', { opening: '2000-2' });
      await remove('room');
      expect(await names()).toEqual(['room']);
      await remove('room', null);
      expect(await names()).toEqual([]);
    });

    it('leaves out what is not to be listed', async () => {
      await put('room');
      await put('room', { seq: 2, isListed: false });
      expect(await directory.list({ limit: 5 })).toEqual({ rooms: [], next: null, total: 0 });
    });
  });
}
