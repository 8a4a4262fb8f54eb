import { randomUUID } from 'node:crypto';
import { openGrants } from '@manycast/core';
import { describeRoomStore } from '@manycast/core/contracts';
import {
  asEndpointId,
  asMediaServerUrl,
  asNodeId,
  asPipelineId,
  asSessionId,
  RoomName,
} from '@manycast/protocol';
import { createLogger } from '@manycast/runtime';
import { describe, expect, it } from 'vitest';
import { startRedisServer } from '../../../test/support/redis-server.js';
import { Keys } from './keys.js';
import { openRedis } from './open-redis.js';
import { RedisBirth } from './redis-birth.js';
import { RedisRoomDirectory } from './redis-room-directory.js';
import { RedisRoomOptions } from './redis-room-options.js';
import { RedisRoomStore } from './redis-room-store.js';
import { RedisStage } from './testing/redis-stage.js';

const log = createLogger({ name: 'test', level: 'silent' });
const stage = new RedisStage(() => startRedisServer());
const openNode = stage.openNode.bind(stage);

describeRoomStore('redis, one node', async () => ({
  ...(await openNode()),
  claimMs: 200,
  close: async () => {},
}));

stage.describeStores('redis');

describe('two nodes', () => {
  it('[R-ROOM-1] racing 1,000 claims for 100 rooms: exactly 100 are accepted', async () => {
    const nodes = [await openNode('race', 60_000), await openNode('race', 60_000)];
    const names = Array.from({ length: 100 }, () => RoomName.parse(`race-${randomUUID()}`));
    const claims = Array.from({ length: 1_000 }, (_, i) => {
      const [room, store] = [names[i % 100], nodes[i % 2]?.rooms];
      if (!room || !store) throw new Error('unreachable');
      return store.claim({
        room,
        session: asSessionId(randomUUID()),
        node: asNodeId(`node-${i % 2}`),
        epoch: 1,
        speech: 'tutorial',
        grants: openGrants,
      });
    });
    const results = await Promise.all(claims);
    expect(results.filter(result => result.status === 'claimed')).toHaveLength(100);
  });
});

describe('a Redis that came back empty', () => {
  it('[R-REDIS-2] has another birth than before, the same one for everybody', async () => {
    const [one, other] = [await openNode('born'), await openNode('born')];
    const births = [one, other].map(node => new RedisBirth(node.redis.commands, new Keys('born')));
    const [first, second] = await Promise.all(births.map(birth => birth.read()));
    expect(second?.name).toBe(first?.name);
    expect(first?.ageMs).toBeLessThan(5_000);
    await one.redis.commands.del(new Keys('born').birth());
    const [again] = await Promise.all(births.map(birth => birth.read()));
    expect(again?.name).not.toBe(first?.name);
  });
});

describe('a Redis that is away', () => {
  it('[R-REDIS-1] is answered at once as unavailable, and works again when it is back', async () => {
    const own = await startRedisServer();
    const redis = openRedis({ url: own.url, commandTimeoutMs: 500, log });
    await redis.whenReady(2_000);
    const rooms = new RedisRoomStore(redis.commands, new Keys('test'), { claimMs: 200 });
    const order = {
      room: RoomName.parse('away'),
      session: asSessionId('s'),
      node: asNodeId('n'),
      epoch: 1,
      speech: 'tutorial' as const,
      grants: openGrants,
    };
    try {
      await own.kill();
      await expect.poll(() => redis.isReady()).toBe(false);
      await expect(rooms.claim(order)).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 1_000 });
      await own.start();
      await expect
        .poll(() => rooms.claim(order).catch(() => null), { timeout: 10_000 })
        .toMatchObject({ status: 'claimed' });
    } finally {
      redis.close();
      await own.stop();
    }
  });

  it('is named when nothing answers at the start, without its password', async () => {
    const redis = openRedis({ url: 'redis://:secret@127.0.0.1:1', commandTimeoutMs: 500, log });
    await expect(redis.whenReady(500)).rejects.toThrow(
      /Redis does not answer at redis:\/\/:\*\*\*@127.0.0.1:1/,
    );
    redis.close();
  });
});

describe('what whoever creates a room wants of it', () => {
  const grants = openGrants;
  const media = {
    server: asMediaServerUrl('ws://m/kurento'),
    pipeline: asPipelineId('p'),
    endpoint: asEndpointId('p/e'),
  };

  it('[R-LIFE-2] counts from its opening: when it may open, how many may watch, what it is called', async () => {
    const { rooms, chat, redis } = await openNode();
    const options = new RedisRoomOptions(redis.commands, new Keys('test'));
    const room = RoomName.parse(`planned-${randomUUID()}`);
    const newcomer = () => ({
      ...{ room, session: asSessionId(randomUUID()), node: asNodeId('n'), epoch: 1 },
      ...{ speech: 'manycast.v1' as const, grants },
    });
    const host = newcomer();
    await options.write(room, { opensAtMs: Date.now() + 60_000 });
    const early = await rooms.claim(host);
    expect(early).toMatchObject({ status: 'room-not-open' });
    if (early.status === 'room-not-open') expect(early.retryAfterMs).toBeGreaterThan(30_000);

    await options.write(room, { title: 'The show', maxViewers: 1, maxDurationMs: 60_000, slowModeMs: 5_000 });
    const claim = await rooms.claim(host);
    if (claim.status !== 'claimed') throw new Error(claim.status);
    await rooms.goLive({ ...host, ...media, generation: claim.generation, slots: 10 });
    expect((await rooms.join(newcomer())).status).toBe('joined');
    expect(await rooms.join(newcomer())).toEqual({ status: 'room-full' });
    expect((await rooms.join({ ...newcomer(), grants: { ...grants, isModerator: true } })).status).toBe(
      'joined',
    );
    const report = await chat.tellPresence(room, 0);
    expect(report).toMatchObject({ status: 'told', card: { title: 'The show', viewers: 2, isListed: true } });
    if (report.status !== 'told') throw new Error('unreachable');
    expect((report.card.endsAtMs ?? 0) - report.card.startedAtMs).toBeGreaterThanOrEqual(60_000);
    expect((await chat.state(room))?.slowModeMs).toBe(5_000);

    await rooms.leave(host);
    await options.clear(room);
    await rooms.claim(newcomer());
    expect((await chat.state(room))?.slowModeMs).toBe(0);
  });

  it('[R-LIFE-2] may be said by its presenter’s token, where the admin API has said nothing, and outlives lost data', async () => {
    const { rooms, chat, redis } = await openNode();
    const options = new RedisRoomOptions(redis.commands, new Keys('test'));
    const room = RoomName.parse(`by-token-${randomUUID()}`);
    const wanted = {
      title: 'Ours',
      maxViewers: 3,
      maxDurationMs: 60_000,
      slowModeMs: 7_000,
      isListed: false,
    };
    const host = {
      ...{ room, session: asSessionId(randomUUID()), node: asNodeId('n'), epoch: 1 },
      ...{ speech: 'manycast.v1' as const, grants: { ...grants, options: wanted } },
    };
    await options.write(room, { maxViewers: 2, isListed: true });
    const claim = await rooms.claim(host);
    if (claim.status !== 'claimed') throw new Error(claim.status);
    const { generation } = claim;
    await rooms.goLive({ ...host, ...media, generation, slots: 10 });
    const stored = () => redis.commands.hgetall(new Keys('test').room(room));
    expect(await stored()).toMatchObject({
      title: 'Ours',
      maxViewers: '2',
      slowModeMs: '7000',
      isListed: 'true',
    });

    const { sessions } = await rooms.read(room);
    const record = sessions.get(host.session);
    if (!record?.media) throw new Error('the presenter has no media');
    await redis.commands.flushall();
    const back = {
      ...host,
      record: { ...record, media: record.media },
      source: media.endpoint,
      seq: 1,
      slots: 10,
    };
    expect(await rooms.restore(back)).toBe('restored');
    const restored = await stored();
    expect(restored).toMatchObject({ title: 'Ours', maxViewers: '3', isListed: 'false' });
    expect(Number(restored.endsAtMs) - Number(restored.startedAtMs)).toBeGreaterThanOrEqual(60_000);
    expect((await chat.state(room))?.slowModeMs).toBe(7_000);
  });

  it('[R-DIR-1] a directory of 100,000 rooms answers a page and a search as fast as one of a few', {
    timeout: 60_000,
  }, async () => {
    const { redis } = await openNode();
    const keys = new Keys(randomUUID());
    const directory = new RedisRoomDirectory(redis.commands, keys);
    const { cards, ranks, words } = keys.directory();
    const card = { opening: '1000-1', seq: 1, title: null, startedAtMs: 1_000, endsAtMs: null, viewers: 0 };
    for (let from = 0; from < 100_000; from += 5_000) {
      const pipeline = redis.commands.pipeline();
      for (let number = from; number < from + 5_000; number += 1) {
        const room = `room-${number}`;
        const own = ['room', String(number)];
        const whole = { ...card, viewers: number, isListed: true, isPresenterAway: false, words: own };
        pipeline.hset(cards, room, JSON.stringify({ ...whole, presenterName: null }));
        pipeline.zadd(ranks, number, room);
        for (const word of own) pipeline.zadd(words, 0, `${word}\0${room}`);
      }
      await pipeline.exec();
    }
    const beganMs = performance.now();
    const page = await directory.list({ limit: 24 });
    const paged = performance.now() - beganMs;
    const found = await directory.list({ query: '77777', limit: 24 });
    const searched = performance.now() - beganMs - paged;
    const broad = await directory.list({ query: 'room', limit: 24 });
    const all = performance.now() - beganMs - paged - searched;
    expect([page.total, page.rooms[0]?.room, found.rooms[0]?.room]).toEqual([
      100_000,
      'room-99999',
      'room-77777',
    ]);
    expect(broad.rooms).toHaveLength(24);
    const shown = [paged, searched, all].map(ms => ms.toFixed(1)).join(', ');
    process.stdout.write(`100,000 rooms: a page, a search, a search that finds all: ${shown} ms\n`);
    // Of what scripts and reads of all rooms would take, a small part, on a busy machine too.
    expect(paged + searched).toBeLessThan(2_000);
  });
});
