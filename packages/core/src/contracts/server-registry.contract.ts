import { asMediaServerUrl, RoomName } from '@manycast/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HealthRules } from '../domain/server-health.js';
import type { PoolStore } from '../ports/pool-store.js';
import type { ServerRegistry, ServerSighting } from '../ports/server-registry.js';
import { bringUp, seen, watch } from './bring-up.js';

export interface ServerRegistryUnderTest {
  servers: ServerRegistry;
  pool: PoolStore;
}

/** What every ServerRegistry must do. `open` gives an empty pool that judges by `rules`. */
export function describeServerRegistry(
  name: string,
  open: (rules: HealthRules) => Promise<ServerRegistryUnderTest>,
): void {
  describe(`ServerRegistry: ${name}`, () => {
    const a = asMediaServerUrl('ws://a/kurento');
    const b = asMediaServerUrl('ws://b/kurento');
    const rules: HealthRules = {
      ...{ confirmMs: 0, flapMs: 60_000, quarantineMs: 30, maxQuarantineMs: 60_000, doubtMs: 0 },
    };
    let servers: ServerRegistry;
    let pool: PoolStore;
    beforeEach(async () => {
      ({ servers, pool } = await open(rules));
    });

    const read = async (url = a) => (await pool.read()).find(server => server.url === url);
    const lost = (server = a): ServerSighting => ({ ...seen(server), isReachable: false });
    const sees = (observer: string, ...sightings: ServerSighting[]) =>
      servers.observe({ ...watch, observer, sightings });
    const look = (observer = watch.observer) => sees(observer);

    it('takes a server in when it has been seen and warmed up, which it asks one of those who see it to do', async () => {
      await servers.add('static', [{ url: a, capacity: 10, labels: { zone: 'east' } }]);
      expect(await read()).toMatchObject({
        ...{ state: 'joining', capacity: 10, labels: { zone: 'east' }, sources: ['static'], serverId: null },
      });
      expect((await sees('one', { ...lost(), serverId: null })).warmUp).toEqual([]);
      const cold = { ...seen(a), isWarm: false };
      expect(await sees('two', cold)).toMatchObject({ isNew: true, warmUp: [a] });
      expect(await sees('three', cold)).toMatchObject({ isNew: true, warmUp: [] });
      expect(await read()).toMatchObject({ state: 'joining', observers: { reachable: 2, lost: 1 } });
      expect(await sees('two', seen(a))).toMatchObject({ isNew: false, warmUp: [] });
      expect(await read()).toMatchObject({ state: 'up', serverId: seen(a).serverId });
    });

    it('[R-KMS-1] gives a server up only when all who can speak have lost it', async () => {
      await bringUp(servers, [{ url: a, capacity: 10 }]);
      await sees('cut-off', lost());
      await look();
      expect(await read()).toMatchObject({ state: 'up', observers: { reachable: 1, lost: 1 } });
      await sees(watch.observer, lost());
      expect(await read()).toMatchObject({ state: 'suspect' });
      await look();
      expect(await read()).toMatchObject({ state: 'down', deaths: 1 });
    });

    it('[R-KMS-5] trusts one that refused with a tenth of its capacity more at a time, until it has all of it', async () => {
      await bringUp(servers, [{ url: a, capacity: 100 }]);
      await pool.reserve({ room: RoomName.parse('refused'), generation: 1, slots: 2 });
      await pool.refused(a);
      expect(await read()).toMatchObject({ limit: 1 });
      const load = { endpoints: null, cpu: 0.1, memoryBytes: 1 };
      const limits: unknown[] = [];
      for (let report = 0; report < 10; report += 1) {
        await sees(watch.observer, { ...seen(a), load });
        limits.push((await read())?.limit);
      }
      expect(limits).toEqual([11, 21, 31, 41, 51, 61, 71, 81, 91, null]);
    });

    it('[R-KMS-1] takes a short hiccup for no loss', async () => {
      await bringUp(servers, [{ url: a, capacity: 10 }]);
      const room = RoomName.parse('room');
      await pool.reserve({ room, generation: 1, slots: 4 });
      await sees(watch.observer, lost());
      expect(await read()).toMatchObject({ state: 'suspect', reserved: 4 });
      expect(await pool.reserve({ room: RoomName.parse('other'), generation: 1, slots: 1 })).toEqual({
        status: 'pool-full',
      });
      await sees(watch.observer, seen(a));
      expect(await read()).toMatchObject({ state: 'up', reserved: 4, deaths: 0 });
      expect(await pool.lostRooms()).toEqual([]);
    });

    it('hears nobody whose lease is over, and changes nothing when nobody can speak', async () => {
      await bringUp(servers, [{ url: a, capacity: 10 }]);
      await servers.observe({ observer: 'dead', leaseMs: 1, sightings: [seen(a)] });
      await sees(watch.observer, lost());
      await expect.poll(async () => (await look()) && (await read())?.state).toBe('down');
      await bringUp(servers, [{ url: b, capacity: 10 }]);
      await servers.observe({ observer: watch.observer, leaseMs: 1, sightings: [lost(b)] });
      await expect.poll(async () => (await read(b))?.observers).toEqual({ reachable: 0, lost: 0 });
      await look('stranger');
      expect(['up', 'suspect']).toContain((await read(b))?.state);
    });

    it('[R-KMS-3] takes another identity at the same address for another server', async () => {
      await bringUp(servers, [{ url: a, capacity: 10 }]);
      const room = RoomName.parse('room');
      await pool.reserve({ room, generation: 1, slots: 4 });
      await pool.keep({ room, generation: 1 });
      await sees('late', seen(a));
      expect((await sees(watch.observer, { ...seen(a, 2), isWarm: false })).warmUp).toEqual([a]);
      expect(await read()).toMatchObject({ state: 'joining', serverId: seen(a, 2).serverId, reserved: 0 });
      expect(await pool.lostRooms()).toEqual([{ room, slots: 4 }]);
      // Who has not noticed yet speaks of what is gone.
      await sees('late', seen(a, 1));
      expect(await read()).toMatchObject({ state: 'joining', serverId: seen(a, 2).serverId });
      await sees(watch.observer, seen(a, 2));
      expect(await read()).toMatchObject({ state: 'up' });
    });

    it('keeps a server out that flaps, longer each time', async () => {
      await bringUp(servers, [{ url: a, capacity: 10 }]);
      const flap = async () => {
        await sees(watch.observer, lost());
        await look();
        expect(await read()).toMatchObject({ state: 'down' });
        await sees(watch.observer, seen(a));
      };
      await flap();
      await look();
      expect(await read()).toMatchObject({ state: 'up', deaths: 1 });
      await flap();
      expect(await read()).toMatchObject({ state: 'quarantined', deaths: 2 });
      const first = ((await read())?.quarantinedUntilMs ?? 0) - ((await read())?.sinceMs ?? 0);
      expect(first).toBe(30);
      await expect.poll(async () => (await look()) && (await read())?.state).toBe('up');
      await flap();
      expect(await read()).toMatchObject({ state: 'quarantined', deaths: 3 });
      expect(((await read())?.quarantinedUntilMs ?? 0) - ((await read())?.sinceMs ?? 0)).toBe(60);
    });

    it('[R-KMS-4] drains a server, says when it is empty, and takes it back', async () => {
      await bringUp(servers, [{ url: a, capacity: 10 }]);
      const room = RoomName.parse('room');
      await pool.reserve({ room, generation: 1, slots: 4 });
      expect(await servers.drain(a, 60_000)).toEqual({ status: 'done', state: 'draining' });
      expect(await pool.reserve({ room: RoomName.parse('other'), generation: 1, slots: 1 })).toEqual({
        status: 'pool-full',
      });
      expect(await pool.grow({ room, generation: 1, slots: 5 })).toMatchObject({ slots: 4 });
      expect(await read()).toMatchObject({ state: 'draining', rooms: 1, drain: { isRemoval: false } });
      const { version } = await look();
      await pool.release({ room, generation: 1 });
      expect(await read()).toMatchObject({ state: 'drained', rooms: 0 });
      expect((await look()).version).not.toBe(version);
      expect(await servers.undrain(a)).toEqual({ status: 'done', state: 'up' });
      expect(await servers.drain(b, 1)).toEqual({ status: 'unknown' });
      expect(await servers.undrain(b)).toEqual({ status: 'unknown' });
    });

    it('keeps what is known of a server that is named again without it', async () => {
      await servers.add('static', [{ url: a, capacity: 10, labels: { zone: 'east' } }, { url: b }]);
      await servers.add('dns', [{ url: a }]);
      expect(await read()).toMatchObject({ capacity: 10, labels: { zone: 'east' } });
      expect(await read(b)).toMatchObject({ capacity: 300, labels: {} });
    });

    it('keeps a server for as long as one source names it, and lets it go kindly then', async () => {
      await bringUp(servers, [{ url: a, capacity: 10 }]);
      await servers.add('dns', [{ url: a, capacity: 20 }]);
      await servers.withdraw('static', a, 60_000);
      await servers.withdraw('static', a, 60_000);
      expect(await read()).toMatchObject({ state: 'up', sources: ['dns'], capacity: 20, drain: null });
      await servers.withdraw('dns', a, 60_000);
      expect(await read()).toMatchObject({ state: 'drained', sources: [], drain: { isRemoval: true } });
      await servers.add('dns', [{ url: a, capacity: 20 }]);
      expect(await read()).toMatchObject({ state: 'up', drain: null });
      await servers.add('dns', [{ url: b, capacity: 20 }]);
      await servers.withdraw('dns', b, 60_000);
      expect(await read(b)).toBeUndefined();
    });

    it('does not let discovery bring back what an operator removed', async () => {
      await bringUp(servers, [{ url: a, capacity: 10 }]);
      const room = RoomName.parse('room');
      await pool.reserve({ room, generation: 1, slots: 4 });
      expect(await servers.remove(a, 'admin')).toEqual({ status: 'done', state: 'drained' });
      expect(await servers.remove(a, 'admin')).toEqual({ status: 'unknown' });
      expect(await pool.lostRooms()).toEqual([{ room, slots: 4 }]);
      await servers.add('static', [{ url: a, capacity: 10 }]);
      expect(await pool.read()).toEqual([]);
      await servers.add('admin', [{ url: a, capacity: 10 }]);
      expect(await read()).toMatchObject({ state: 'joining', sources: ['admin'] });
      // What was promised in its life before counts no more.
      expect(await pool.reservation(room)).toMatchObject({ isAlive: false });
    });

    it('tells of changes', async () => {
      let calls = 0;
      const end = servers.onChange(() => {
        calls += 1;
      });
      await expect
        .poll(async () => {
          await servers.drain(a, 1);
          await servers.add('static', [{ url: a, capacity: 10 + calls }]);
          return calls;
        })
        .toBeGreaterThan(0);
      const { version } = await look();
      expect((await look()).version).toBe(version);
      await sees(watch.observer, seen(a));
      expect((await look()).version).not.toBe(version);
      end();
    });

    it('[R-REDIS-2] takes back servers that were forgotten, and nothing that is known', async () => {
      await bringUp(servers, [{ url: a, capacity: 10, labels: { zone: 'east' } }]);
      await servers.add('admin', [{ url: b, capacity: 20 }]);
      await servers.drain(a, 60_000);
      const known = await pool.read();
      const { birth } = await look();
      const { servers: empty, pool: emptyPool } = await open(rules);
      expect((await look()).birth).toBe(birth);
      await empty.add('static', [{ url: b, capacity: 30 }]);
      await empty.restore(known);
      const restored = new Map((await emptyPool.read()).map(server => [server.url, server]));
      expect(restored.get(a)).toMatchObject({ capacity: 10, labels: { zone: 'east' }, sources: ['static'] });
      expect(restored.get(a)?.drain).toMatchObject({ isRemoval: false });
      expect(restored.get(b)).toMatchObject({ capacity: 30, sources: ['static'] });
    });
  });
}
