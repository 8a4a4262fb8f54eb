import { randomUUID } from 'node:crypto';
import { type Grants, openGrants, type Speaker } from '@manycast/core';
import { asNodeId, asSessionId, RoomName } from '@manycast/protocol';
import { describe, expect, it } from 'vitest';
import { startRedisServer } from '../../../test/support/redis-server.js';
import { RedisStage } from './testing/redis-stage.js';

describe('what is said in one turn of the event loop', () => {
  const stage = new RedisStage(startRedisServer);

  async function room() {
    const { rooms, chat, redis } = await stage.openNode(randomUUID(), 60_000);
    const name = RoomName.parse('talk');
    const session = asSessionId(randomUUID());
    const grants: Grants = openGrants;
    await rooms.claim({
      ...{ room: name, session, node: asNodeId('one'), epoch: 1 },
      ...{ speech: 'manycast.v1' as const, grants },
    });
    const speaker: Speaker = {
      ...{ room: name, session, epoch: 1 },
      ...{ name: null, identity: null, isModerator: false, mayChat: true },
    };
    const say = (clientId: string, other: Partial<Speaker> = {}) =>
      chat.say({ ...speaker, ...other, clientId, text: clientId });
    const calls = async () => {
      const stats = await redis.commands.info('commandstats');
      return [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      );
    };
    const log = async () => (await chat.read({ room: name, after: 0, limit: 100 }))?.entries ?? [];
    // So that Redis knows the script.
    await say('first');
    return { say, calls, log };
  }

  it('takes one call, and keeps its order', async () => {
    const { say, calls, log } = await room();
    const before = await calls();
    const names = Array.from({ length: 20 }, (_, at) => `c${at}`);
    const results = await Promise.all(names.map(name => say(name)));
    expect((await calls()) - before).toBe(1);
    expect(results.map(result => result.status === 'said' && result.offset)).toEqual(
      names.map((_, at) => at + 2),
    );
    expect((await log()).flatMap(entry => (entry.type === 'message' ? [entry.text] : []))).toEqual(
      ['first', ...names].slice(-20),
    );
  });

  it('is judged one by one: a refusal, and the same once more, among others', async () => {
    const { say, log } = await room();
    const results = await Promise.all([
      say('a'),
      say('b', { epoch: 7 }),
      say('a'),
      say('c', { mayChat: false }),
      say('d'),
    ]);
    expect(results).toMatchObject([
      { status: 'said', offset: 2 },
      { status: 'refused', code: 'fenced' },
      { status: 'said', offset: 2 },
      { status: 'refused', code: 'not-allowed' },
      { status: 'said', offset: 3 },
    ]);
    expect((await log()).map(({ offset }) => offset)).toEqual([1, 2, 3]);
  });

  it('is more than one call when it is much, in the same order', async () => {
    const { say, calls } = await room();
    const before = await calls();
    const results = await Promise.all(Array.from({ length: 120 }, (_, at) => say(`c${at}`)));
    expect((await calls()) - before).toBe(3);
    expect(results.map(result => result.status === 'said' && result.offset)).toEqual(
      results.map((_, at) => at + 2),
    );
  });

  it('fails for each of them when Redis is not there', async () => {
    const { chat, redis } = await stage.openNode(randomUUID());
    redis.commands.disconnect();
    const order = {
      ...{ room: RoomName.parse('talk'), session: asSessionId('s'), epoch: 1, text: 'x' },
      ...{ name: null, identity: null, isModerator: false, mayChat: true },
    };
    const said = ['a', 'b'].map(clientId => chat.say({ ...order, clientId }));
    const failures = await Promise.allSettled(said);
    expect(failures).toMatchObject([
      { status: 'rejected', reason: { code: 'unavailable' } },
      { status: 'rejected', reason: { code: 'unavailable' } },
    ]);
  });
});
