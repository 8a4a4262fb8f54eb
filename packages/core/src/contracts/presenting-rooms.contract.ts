import { randomUUID } from 'node:crypto';
import { RoomName } from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PresentingRooms } from '../ports/presenting-rooms.js';

export function describePresentingRooms(name: string, open: () => Promise<PresentingRooms>): void {
  describe(`PresentingRooms: ${name}`, () => {
    let rooms: PresentingRooms;
    beforeEach(async () => {
      rooms = await open();
    });
    const [a, b, c] = ['a', 'b', 'c'].map(room => RoomName.parse(room)) as [RoomName, RoomName, RoomName];
    const newOrder = () => ({ identity: randomUUID(), max: 2, ttlMs: 60_000 });

    it('lets an identity present in so many rooms at a time, and in each again and again', async () => {
      const order = newOrder();
      const taken = await Promise.all([a, b, c].map(room => rooms.take({ ...order, room })));
      expect(taken.filter(Boolean)).toHaveLength(2);
      const [first, last] = [a, b, c].filter((_, index) => taken[index]) as [RoomName, RoomName];
      expect(await rooms.take({ ...order, room: first })).toBe(true);
      await rooms.giveBack({ ...order, room: last });
      await rooms.giveBack({ ...order, room: last });
      expect(await rooms.take({ ...order, room: last })).toBe(true);
      expect(await rooms.take({ ...newOrder(), room: c })).toBe(true);
    });

    it('forgets what nobody says again', async () => {
      const order = newOrder();
      await rooms.take({ ...order, room: a, ttlMs: 1 });
      await rooms.take({ ...order, room: b });
      await expect.poll(() => rooms.take({ ...order, room: c })).toBe(true);
    });
  });
}
