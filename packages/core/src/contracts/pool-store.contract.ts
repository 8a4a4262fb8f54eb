import { randomUUID } from 'node:crypto';
import { asMediaServerUrl, RoomName } from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PoolStore } from '../ports/pool-store.js';

export interface PoolStoreUnderTest {
  pool: PoolStore;
  /** How long a promise holds that is not kept; the suite waits for it. */
  reservationMs: number;
}

/** What every PoolStore must do. `open` gives an empty pool. */
export function describePoolStore(name: string, open: () => Promise<PoolStoreUnderTest>): void {
  describe(`PoolStore: ${name}`, () => {
    let pool: PoolStore;
    let reservationMs: number;
    beforeEach(async () => {
      ({ pool, reservationMs } = await open());
    });

    const newRoom = () => RoomName.parse(`room-${randomUUID()}`);
    const [a, b] = [asMediaServerUrl('ws://a/kurento'), asMediaServerUrl('ws://b/kurento')];
    const reserved = async () =>
      Object.fromEntries((await pool.read()).map(server => [server.url, server.reserved]));

    it('refuses at once when there is no server', async () => {
      expect(await pool.reserve({ room: newRoom(), generation: 1, slots: 4 })).toEqual({
        status: 'pool-full',
      });
    });

    it('[R-ROOM-2] gives racing callers of one broadcast one server', async () => {
      await pool.register([
        { url: a, capacity: 100 },
        { url: b, capacity: 100 },
      ]);
      const room = newRoom();
      const results = await Promise.all(
        Array.from({ length: 20 }, () => pool.reserve({ room, generation: 1, slots: 4 })),
      );
      expect(new Set(results.map(result => JSON.stringify(result))).size).toBe(1);
      expect(Object.values(await reserved()).sort()).toEqual([0, 4]);
    });

    it('chooses the least loaded server, by what is promised against capacity', async () => {
      await pool.register([
        { url: a, capacity: 10 },
        { url: b, capacity: 30 },
      ]);
      for (let i = 0; i < 10; i += 1) await pool.reserve({ room: newRoom(), generation: 1, slots: 2 });
      expect(await reserved()).toEqual({ [a]: 6, [b]: 14 });
    });

    it('[R-KMS-5] never promises more than a server has, and says so at once', async () => {
      await pool.register([{ url: a, capacity: 10 }]);
      const results = await Promise.all(
        Array.from({ length: 20 }, () => pool.reserve({ room: newRoom(), generation: 1, slots: 1 })),
      );
      expect(results.filter(result => result.status === 'reserved')).toHaveLength(10);
      expect(results.filter(result => result.status === 'pool-full')).toHaveLength(10);
      expect(await reserved()).toEqual({ [a]: 10 });
    });

    it('grows a broadcast’s promise on its own server, as far as that reaches', async () => {
      await pool.register([{ url: a, capacity: 10 }]);
      const room = newRoom();
      await pool.reserve({ room, generation: 1, slots: 4 });
      await pool.register([{ url: b, capacity: 100 }]);
      expect(await pool.reserve({ room, generation: 1, slots: 8 })).toEqual({
        status: 'reserved',
        server: a,
        slots: 8,
      });
      expect(await pool.reserve({ room, generation: 1, slots: 20 })).toEqual({
        status: 'reserved',
        server: a,
        slots: 10,
      });
      expect(await pool.reserve({ room, generation: 1, slots: 5 })).toEqual({
        status: 'reserved',
        server: a,
        slots: 10,
      });
    });

    it('does not begin a promise for a viewer of a broadcast that is over', async () => {
      await pool.register([{ url: a, capacity: 10 }]);
      const room = newRoom();
      expect(await pool.grow({ room, generation: 1, slots: 8 })).toEqual({ status: 'superseded' });
      await pool.reserve({ room, generation: 1, slots: 4 });
      expect(await pool.grow({ room, generation: 1, slots: 8 })).toEqual({
        status: 'reserved',
        server: a,
        slots: 8,
      });
      expect(await pool.grow({ room, generation: 2, slots: 8 })).toEqual({ status: 'superseded' });
      await pool.release({ room, generation: 1 });
      expect(await pool.grow({ room, generation: 1, slots: 8 })).toEqual({ status: 'superseded' });
      expect(await reserved()).toEqual({ [a]: 0 });
    });

    it('replaces the promise of an older generation, and refuses to go back', async () => {
      await pool.register([{ url: a, capacity: 10 }]);
      const room = newRoom();
      await pool.reserve({ room, generation: 1, slots: 8 });
      expect(await pool.reserve({ room, generation: 2, slots: 4 })).toEqual({
        status: 'reserved',
        server: a,
        slots: 4,
      });
      expect(await pool.reserve({ room, generation: 1, slots: 4 })).toEqual({ status: 'superseded' });
      await pool.release({ room, generation: 1 });
      expect(await reserved()).toEqual({ [a]: 4 });
      await pool.release({ room, generation: 2 });
      await pool.release({ room, generation: 2 });
      expect(await reserved()).toEqual({ [a]: 0 });
    });

    it('[R-REDIS-2] takes back a promise that was forgotten', async () => {
      await pool.register([{ url: a, capacity: 10 }]);
      const room = newRoom();
      const order = { room, generation: 3, server: a, slots: 4 };
      await pool.restore(order);
      await pool.restore(order);
      await pool.restore({ ...order, generation: 2, slots: 9 });
      expect(await reserved()).toEqual({ [a]: 4 });
      expect(await pool.reservations()).toEqual([{ ...order, isKept: true }]);
      await pool.release({ room, generation: 3 });
      expect(await reserved()).toEqual({ [a]: 0 });
    });

    it('lists what is promised to whom', async () => {
      await pool.register([{ url: a, capacity: 10 }]);
      const [kept, unkept] = [newRoom(), newRoom()];
      await pool.reserve({ room: kept, generation: 3, slots: 4 });
      await pool.keep({ room: kept, generation: 3 });
      await pool.reserve({ room: unkept, generation: 1, slots: 2 });
      const listed = await pool.reservations();
      expect(new Map(listed.map(({ room, ...promise }) => [room, promise]))).toEqual(
        new Map([
          [kept, { generation: 3, server: a, slots: 4, isKept: true }],
          [unkept, { generation: 1, server: a, slots: 2, isKept: false }],
        ]),
      );
    });

    it('[R-REDIS-2] takes one back also before the servers are known again', async () => {
      const order = { room: newRoom(), generation: 2, server: a, slots: 6 };
      await Promise.all([pool.restore(order), pool.restore(order)]);
      await pool.register([{ url: a, capacity: 10 }]);
      expect(await pool.read()).toEqual([{ url: a, capacity: 10, reserved: 6 }]);
      await pool.restore({ ...order, slots: 8 });
      expect(await reserved()).toEqual({ [a]: 8 });
      await pool.restore({ ...order, generation: 3, slots: 2 });
      expect(await reserved()).toEqual({ [a]: 2 });
    });

    it('lets a promise expire that nobody kept, and keeps a kept one', async () => {
      await pool.register([{ url: a, capacity: 10 }]);
      const [kept, dead, next] = [newRoom(), newRoom(), newRoom()];
      await pool.reserve({ room: kept, generation: 1, slots: 4 });
      await pool.reserve({ room: dead, generation: 1, slots: 6 });
      await pool.keep({ room: kept, generation: 1 });
      await expect
        .poll(() => pool.reserve({ room: next, generation: 1, slots: 10 }), {
          timeout: reservationMs * 4,
          interval: 20,
        })
        .toEqual({ status: 'reserved', server: a, slots: 6 });
    });
  });
}
