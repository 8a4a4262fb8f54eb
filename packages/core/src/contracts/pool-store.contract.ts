import { randomUUID } from 'node:crypto';
import { asMediaServerUrl, RoomName } from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PoolStore } from '../ports/pool-store.js';
import type { NewServer, ServerRegistry } from '../ports/server-registry.js';
import { bringUp, restart, seen, watch } from './bring-up.js';

export interface PoolStoreUnderTest {
  pool: PoolStore;
  servers: ServerRegistry;
  /** How long a promise holds that is not kept; the suite waits for it. */
  reservationMs: number;
}

/** What every PoolStore must do. `open` gives an empty pool. */
export function describePoolStore(name: string, open: () => Promise<PoolStoreUnderTest>): void {
  describe(`PoolStore: ${name}`, () => {
    let pool: PoolStore;
    let servers: ServerRegistry;
    let reservationMs: number;
    beforeEach(async () => {
      ({ pool, servers, reservationMs } = await open());
    });

    const up = (list: NewServer[]) => bringUp(servers, list);

    const newRoom = () => RoomName.parse(`room-${randomUUID()}`);
    const a = asMediaServerUrl('ws://a/kurento');
    const b = asMediaServerUrl('ws://b/kurento');
    const c = asMediaServerUrl('ws://c/kurento');
    const reserved = async () =>
      Object.fromEntries((await pool.read()).map(server => [server.url, server.reserved]));

    it('refuses at once when there is no server', async () => {
      expect(await pool.reserve({ room: newRoom(), generation: 1, slots: 4 })).toEqual({
        status: 'pool-full',
      });
    });

    it('[R-ROOM-2] gives racing callers of one broadcast one server', async () => {
      await up([
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
      await up([
        { url: a, capacity: 10 },
        { url: b, capacity: 30 },
      ]);
      for (let i = 0; i < 10; i += 1) await pool.reserve({ room: newRoom(), generation: 1, slots: 2 });
      expect(await reserved()).toEqual({ [a]: 6, [b]: 14 });
    });

    it('[R-KMS-5] never promises more than a server has, and says so at once', async () => {
      await up([{ url: a, capacity: 10 }]);
      const results = await Promise.all(
        Array.from({ length: 20 }, () => pool.reserve({ room: newRoom(), generation: 1, slots: 1 })),
      );
      expect(results.filter(result => result.status === 'reserved')).toHaveLength(10);
      expect(results.filter(result => result.status === 'pool-full')).toHaveLength(10);
      expect(await reserved()).toEqual({ [a]: 10 });
    });

    it('grows a broadcast’s promise on its own server, as far as that reaches', async () => {
      await up([{ url: a, capacity: 10 }]);
      const room = newRoom();
      await pool.reserve({ room, generation: 1, slots: 4 });
      await up([{ url: b, capacity: 100 }]);
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
      await up([{ url: a, capacity: 10 }]);
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
      await up([{ url: a, capacity: 10 }]);
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
      await up([{ url: a, capacity: 10 }]);
      const room = newRoom();
      const order = { room, generation: 3, server: a, slots: 4 };
      await pool.restore(order);
      await pool.restore(order);
      await pool.restore({ ...order, generation: 2, slots: 9 });
      expect(await reserved()).toEqual({ [a]: 4 });
      expect(await pool.reservations()).toEqual([
        { ...order, isKept: true, isAlive: true, isPlanned: false, former: null },
      ]);
      await pool.release({ room, generation: 3 });
      expect(await reserved()).toEqual({ [a]: 0 });
    });

    it('lists what is promised to whom', async () => {
      await up([{ url: a, capacity: 10 }]);
      const [kept, unkept] = [newRoom(), newRoom()];
      await pool.reserve({ room: kept, generation: 3, slots: 4 });
      await pool.keep({ room: kept, generation: 3 });
      await pool.reserve({ room: unkept, generation: 1, slots: 2 });
      const listed = await pool.reservations();
      const asUsual = { isAlive: true, isPlanned: false, former: null };
      expect(await pool.reservation(kept)).toEqual(listed.find(({ room }) => room === kept));
      expect(await pool.reservation(newRoom())).toBeNull();
      expect(new Map(listed.map(({ room, ...promise }) => [room, promise]))).toEqual(
        new Map([
          [kept, { ...asUsual, generation: 3, server: a, slots: 4, isKept: true }],
          [unkept, { ...asUsual, generation: 1, server: a, slots: 2, isKept: false }],
        ]),
      );
    });

    it('[R-REDIS-2] takes one back also before the servers are known again', async () => {
      const order = { room: newRoom(), generation: 2, server: a, slots: 6 };
      await Promise.all([pool.restore(order), pool.restore(order)]);
      await up([{ url: a, capacity: 10 }]);
      expect(await pool.read()).toMatchObject([{ url: a, capacity: 10, reserved: 6, rooms: 1, state: 'up' }]);
      await pool.restore({ ...order, slots: 8 });
      expect(await reserved()).toEqual({ [a]: 8 });
      await pool.restore({ ...order, generation: 3, slots: 2 });
      expect(await reserved()).toEqual({ [a]: 2 });
    });

    it('lets a promise expire that nobody kept, and keeps a kept one', async () => {
      await up([{ url: a, capacity: 10 }]);
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

    describe('a room that moves', () => {
      const live = async (room: RoomName, slots = 4) => {
        const place = await pool.reserve({ room, generation: 1, slots });
        await pool.keep({ room, generation: 1 });
        return place;
      };
      const holdMs = 60_000;

      it('has its next place reserved beside what plays, which is given back once it is left', async () => {
        await up([{ url: a, capacity: 10 }]);
        const room = newRoom();
        await live(room);
        await up([{ url: b, capacity: 10 }]);
        const planned = { status: 'planned', server: b, slots: 6 };
        expect(await pool.relocate({ room, generation: 1, slots: 6, holdMs })).toEqual(planned);
        expect(await pool.relocate({ room, generation: 1, slots: 6, holdMs })).toEqual(planned);
        expect(await reserved()).toEqual({ [a]: 4, [b]: 6 });
        // Who plays on the old server may still grow.
        expect(await pool.grow({ room, generation: 1, slots: 5 })).toEqual({
          status: 'reserved',
          server: a,
          slots: 5,
        });
        // The presenter follows: whatever it asks for first, it is given the place that was planned.
        expect(await pool.reserve({ room, generation: 2, slots: 4 })).toEqual({
          status: 'reserved',
          server: b,
          slots: 6,
        });
        await pool.keep({ room, generation: 2, keepsFormer: true });
        expect(await pool.reservation(room)).toMatchObject({
          ...{ generation: 2, server: b, isKept: true, isPlanned: false },
          former: { generation: 1, server: a, slots: 5, isAlive: true },
        });
        expect(await pool.roomsOn(a)).toEqual([room]);
        await pool.release({ room, generation: 1 });
        await pool.release({ room, generation: 1 });
        expect(await reserved()).toEqual({ [a]: 0, [b]: 6 });
        expect(await pool.roomsOn(a)).toEqual([]);
        await pool.release({ room, generation: 2 });
        expect(await reserved()).toEqual({ [a]: 0, [b]: 0 });
      });

      it('is refused when it has moved already, or is over', async () => {
        await up([{ url: a, capacity: 10 }]);
        await up([{ url: b, capacity: 10 }]);
        const room = newRoom();
        expect(await pool.relocate({ room, generation: 1, slots: 4, holdMs })).toEqual({
          status: 'superseded',
        });
        await live(room);
        await pool.reserve({ room, generation: 2, slots: 4 });
        expect(await pool.relocate({ room, generation: 1, slots: 4, holdMs })).toEqual({
          status: 'superseded',
        });
      });

      it('stays where the labels are that it required', async () => {
        const east = { zone: 'east' };
        await up([{ url: a, capacity: 10, labels: east }]);
        const room = newRoom();
        await pool.reserve({ room, generation: 1, slots: 4, require: east });
        await pool.keep({ room, generation: 1 });
        await up([{ url: b, capacity: 100 }]);
        const order = { room, generation: 1, slots: 4, holdMs };
        expect(await pool.relocate(order)).toEqual({ status: 'pool-full' });
        await up([{ url: c, capacity: 10, labels: east }]);
        expect(await pool.relocate(order)).toMatchObject({ status: 'planned', server: c });
      });

      it('goes where it is told, or nowhere', async () => {
        await up([{ url: a, capacity: 10 }]);
        const room = newRoom();
        await live(room);
        await up([
          { url: b, capacity: 2 },
          { url: c, capacity: 100 },
        ]);
        const order = { room, generation: 1, slots: 4, holdMs };
        expect(await pool.relocate({ ...order, to: a })).toEqual({ status: 'pool-full' });
        expect(await pool.relocate({ ...order, to: b })).toEqual({
          status: 'planned',
          server: b,
          slots: 2,
        });
      });

      it('keeps what plays when nobody follows in time', async () => {
        await up([{ url: a, capacity: 10 }]);
        const room = newRoom();
        await live(room);
        await up([{ url: b, capacity: 10 }]);
        await pool.relocate({ room, generation: 1, slots: 4, holdMs: 20 });
        await expect.poll(reserved).toEqual({ [a]: 4, [b]: 0 });
        expect(await pool.reservation(room)).toMatchObject({ generation: 1, server: a, isKept: true });
      });

      it('ends whole while it is being moved', async () => {
        await up([{ url: a, capacity: 10 }]);
        const room = newRoom();
        await live(room);
        await up([{ url: b, capacity: 10 }]);
        await pool.relocate({ room, generation: 1, slots: 4, holdMs });
        await pool.release({ room, generation: 1 });
        expect(await reserved()).toEqual({ [a]: 0, [b]: 0 });
      });

      it('holds both promises while its presenter builds anew by itself, and one afterwards', async () => {
        await up([{ url: a, capacity: 10 }]);
        const room = newRoom();
        await live(room);
        expect(await pool.reserve({ room, generation: 2, slots: 4 })).toEqual({
          status: 'reserved',
          server: a,
          slots: 4,
        });
        expect(await reserved()).toEqual({ [a]: 8 });
        await pool.keep({ room, generation: 2 });
        expect(await reserved()).toEqual({ [a]: 4 });
        expect(await pool.roomsOn(a)).toEqual([room]);
      });
    });

    describe('a server that is lost', () => {
      it('[R-KMS-2] leaves its rooms to be placed elsewhere, the biggest audience first', async () => {
        await up([{ url: a, capacity: 100 }]);
        const [small, big] = [newRoom(), newRoom()];
        for (const [room, slots] of [
          [small, 4],
          [big, 40],
        ] as const) {
          await pool.reserve({ room, generation: 1, slots });
          await pool.keep({ room, generation: 1 });
        }
        expect(await pool.lostRooms()).toEqual([]);
        await up([{ url: b, capacity: 100 }]);
        await restart(servers, a);
        expect(await pool.lostRooms()).toEqual([
          { room: big, slots: 40 },
          { room: small, slots: 4 },
        ]);
        expect(await pool.lostRooms(1)).toEqual([{ room: big, slots: 40 }]);
        expect(await reserved()).toEqual({ [a]: 0, [b]: 0 });
        expect(await pool.reservation(big)).toMatchObject({ server: a, isAlive: false });
        await pool.relocate({ room: big, generation: 1, slots: 40, holdMs: 60_000 });
        expect(await pool.lostRooms()).toEqual([{ room: small, slots: 4 }]);
        expect(await pool.reservation(big)).toMatchObject({ generation: 2, isAlive: true, isPlanned: true });
        await pool.release({ room: small, generation: 1 });
        expect(await pool.lostRooms()).toEqual([]);
        // Nothing of what was promised in its life before counts on its next.
        expect(Object.values(await reserved()).sort()).toEqual([0, 40]);
      });

      it('keeps the last slots for presenters who wait for a place', async () => {
        await up([{ url: a, capacity: 10 }]);
        const rooms = [newRoom(), newRoom(), newRoom()];
        for (const room of rooms) {
          await pool.reserve({ room, generation: 1, slots: 2 });
          await pool.keep({ room, generation: 1 });
        }
        await up([{ url: b, capacity: 5 }]);
        await servers.remove(a, 'admin');
        const [first, second, third] = rooms as [RoomName, RoomName, RoomName];
        const order = { generation: 1, slots: 5, holdMs: 60_000 };
        expect(await pool.relocate({ room: first, ...order })).toEqual({
          status: 'planned',
          server: b,
          slots: 3,
        });
        expect(await pool.grow({ room: first, generation: 2, slots: 9 })).toEqual({ status: 'superseded' });
        expect(await pool.relocate({ room: second, ...order })).toMatchObject({ slots: 1 });
        expect(await pool.relocate({ room: third, ...order })).toMatchObject({ slots: 1 });
        expect(await reserved()).toEqual({ [b]: 5 });
      });

      it('lets a claim that is under way begin again elsewhere', async () => {
        await up([{ url: a, capacity: 10 }]);
        const room = newRoom();
        await pool.reserve({ room, generation: 1, slots: 4 });
        await up([{ url: b, capacity: 10 }]);
        await servers.remove(a, 'admin');
        expect(await pool.reserve({ room, generation: 1, slots: 4 })).toEqual({
          status: 'reserved',
          server: b,
          slots: 4,
        });
        expect(await pool.lostRooms()).toEqual([]);
      });
    });

    describe('placement', () => {
      it('asks for labels, or only prefers them', async () => {
        await up([
          { url: a, capacity: 10, labels: { zone: 'east', tier: 'big' } },
          { url: b, capacity: 100, labels: { zone: 'west', tier: 'big' } },
          { url: c, capacity: 100 },
        ]);
        const place = async (wish: object) =>
          pool.reserve({ room: newRoom(), generation: 1, slots: 6, ...wish });
        expect(await place({ prefer: { zone: 'east' } })).toMatchObject({ server: a });
        // The preferred one cannot take all of it any more.
        expect(await place({ prefer: { zone: 'east' } })).not.toMatchObject({ server: a });
        expect(await place({ require: { zone: 'east' } })).toMatchObject({ server: a, slots: 4 });
        expect(await place({ require: { zone: 'east' } })).toEqual({ status: 'pool-full' });
        expect(await place({ require: { zone: 'west', tier: 'big' } })).toMatchObject({ server: b });
        expect(await place({ require: { zone: 'west', tier: 'small' } })).toEqual({ status: 'pool-full' });
      });

      it('counts what a server says of itself', async () => {
        await up([
          { url: a, capacity: 100 },
          { url: b, capacity: 100 },
        ]);
        await servers.observe({
          ...watch,
          sightings: [{ ...seen(a), load: { endpoints: 50, cpu: null, memoryBytes: null } }],
        });
        for (let i = 0; i < 5; i += 1) await pool.reserve({ room: newRoom(), generation: 1, slots: 4 });
        expect(await reserved()).toEqual({ [a]: 0, [b]: 20 });
        await servers.observe({
          ...watch,
          sightings: [
            { ...seen(a), load: { endpoints: 0, cpu: 0.1, memoryBytes: 1 } },
            { ...seen(b), load: { endpoints: 20, cpu: 0.9, memoryBytes: 1 } },
          ],
        });
        for (let i = 0; i < 5; i += 1) await pool.reserve({ room: newRoom(), generation: 1, slots: 4 });
        expect(await reserved()).toEqual({ [a]: 20, [b]: 20 });
      });

      it('spreads a burst over servers that differ in load, and one that has just come', async () => {
        await up([{ url: a, capacity: 100 }]);
        for (let i = 0; i < 5; i += 1) await pool.reserve({ room: newRoom(), generation: 1, slots: 4 });
        await up([{ url: b, capacity: 100 }]);
        for (let i = 0; i < 10; i += 1) await pool.reserve({ room: newRoom(), generation: 1, slots: 4 });
        const { [a]: onA, [b]: onB } = await reserved();
        expect([onA, onB]).toEqual([32, 28]);
      });

      it('takes a big audience where there is room for all of it', async () => {
        await up([
          { url: a, capacity: 10 },
          { url: b, capacity: 100 },
        ]);
        await pool.reserve({ room: newRoom(), generation: 1, slots: 60 });
        expect(await pool.reserve({ room: newRoom(), generation: 1, slots: 20 })).toMatchObject({
          server: b,
          slots: 20,
        });
        expect(await pool.reserve({ room: newRoom(), generation: 1, slots: 200 })).toMatchObject({
          server: b,
          slots: 20,
        });
      });

      it('places nothing on a server that is drained, and measures one that refuses', async () => {
        await up([
          { url: a, capacity: 100 },
          { url: b, capacity: 100 },
        ]);
        const room = newRoom();
        await pool.reserve({ room, generation: 1, slots: 6, require: {} });
        const used = (await pool.read()).find(server => server.reserved > 0)?.url ?? a;
        const other = used === a ? b : a;
        await servers.drain(other, 60_000);
        await pool.refused(used);
        await pool.refused(used);
        expect((await pool.read()).find(({ url }) => url === used)).toMatchObject({ limit: 5 });
        expect(await pool.reserve({ room: newRoom(), generation: 1, slots: 1 })).toEqual({
          status: 'pool-full',
        });
        expect(await pool.grow({ room, generation: 1, slots: 8 })).toMatchObject({ slots: 6 });
        await servers.undrain(other);
        expect(await pool.reserve({ room: newRoom(), generation: 1, slots: 1 })).toMatchObject({
          server: other,
        });
      });
    });
  });
}
