import type { IncomingMessage } from 'node:http';
import { createLogger, createRegistry } from '@manycast/runtime';
import { describe, expect, it, vi } from 'vitest';
import { NodeMetrics } from '../node-metrics.js';
import { newLimits } from '../testing/limits.js';
import { asOneClient, clientAddress } from './client-address.js';
import { CountByKey } from './count-by-key.js';
import { IdentityShare } from './identity-share.js';
import { JoinBrake } from './join-brake.js';
import { MessageRate } from './message-rate.js';
import { Overload, sheddingOrder } from './overload.js';

describe('the address of a client', () => {
  const from = (remoteAddress: string, forwarded?: string) =>
    ({
      socket: { remoteAddress },
      connection: { remoteAddress },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as unknown as IncomingMessage;

  it.each([
    ['nobody is trusted: the header is the client’s own claim', [], '192.0.2.7', '10.9.9.9', '192.0.2.7'],
    ['a trusted proxy says who it is', ['10.0.0.0/8'], '10.0.0.1', '192.0.2.7', '192.0.2.7'],
    [
      'what a client wrote before its proxy did is not believed',
      ['10.0.0.0/8'],
      '10.0.0.1',
      '198.51.100.1, 192.0.2.7',
      '192.0.2.7',
    ],
    ['a chain of trusted proxies', ['uniquelocal'], '10.0.0.1', '192.0.2.7, 10.0.0.2', '192.0.2.7'],
    ['a trusted proxy without the header', ['10.0.0.1'], '10.0.0.1', undefined, '10.0.0.1'],
    ['an untrusted one in between', ['10.0.0.1'], '10.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['nonsense in the header', ['10.0.0.1'], '10.0.0.1', 'nonsense', 'unknown'],
  ])('%s', (_, trusted, remote, forwarded, expected) => {
    expect(clientAddress(trusted)(from(remote, forwarded))).toBe(expected);
  });

  it('of IPv6 is its network, and of IPv4 in IPv6 the IPv4', () => {
    expect(asOneClient('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(asOneClient('2001:db8:1:2:ffff::1')).toBe('2001:db8:1:2::/64');
    expect(asOneClient('::ffff:192.0.2.7')).toBe('192.0.2.7');
  });
});

it('a count by key lets each have so many at a time', () => {
  const counts = new CountByKey(2);
  expect([counts.take('a'), counts.take('a'), counts.take('a'), counts.take('b')]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  counts.give('a');
  expect(counts.take('a')).toBe(true);
  expect(new CountByKey(0).take('a')).toBe(true);
});

it('a socket may speak in bursts, and on average no faster than its rate', () => {
  let nowMs = 0;
  const rate = new MessageRate(5, () => nowMs);
  const say = (times: number) => Array.from({ length: times }, () => rate.take());
  expect(say(50).every(wait => wait === 0)).toBe(true);
  expect(rate.take()).toBe(200);
  nowMs += 1_000;
  expect(say(6).filter(wait => wait === 0)).toHaveLength(5);
});

describe('joins of one address', () => {
  it('are refused once the store has counted too many, and again allowed when the window is over', async () => {
    let nowMs = 0;
    let count = 0;
    const rate = { add: async () => ({ overForMs: ++count > 3 ? 10_000 : 0 }) };
    const brake = new JoinBrake({ max: 3, rate, now: () => nowMs });
    for (let i = 0; i < 4; i += 1) {
      expect(brake.take('a')).toBe(0);
      await vi.waitFor(() => expect(count).toBe(i + 1));
    }
    await vi.waitFor(() => expect(brake.take('a')).toBe(10_000));
    expect(brake.take('b')).toBe(0);
    nowMs = 10_001;
    expect(brake.take('a')).toBe(0);
  });

  it('do not pile up while a slow store is asked', () => {
    const brake = new JoinBrake({ max: 3, rate: { add: () => new Promise(() => {}) }, now: () => 0 });
    expect([1, 2, 3, 4].map(() => brake.take('a'))).toEqual([0, 0, 0, 1_000]);
  });
});

describe('an identity', () => {
  const undo = { run: async (_: string, step: () => Promise<unknown>) => void (await step()) };
  const share = (limits: ReturnType<typeof newLimits>, role: 'presenter' | 'viewer', room: string) =>
    new IdentityShare(role, room as never, limits, undo as never);

  it('has so many sessions on a node and so many rooms in the cluster, each given back', async () => {
    const limits = newLimits({ maxSessionsPerIdentity: 3, maxRoomsPerIdentity: 1 });
    const live = share(limits, 'presenter', 'one');
    await live.enter('ada');
    await live.enter('ada');
    await expect(share(limits, 'presenter', 'two').enter('ada')).rejects.toMatchObject({
      code: 'too-many-rooms',
    });
    const viewers = [share(limits, 'viewer', 'one'), share(limits, 'viewer', 'one')];
    for (const viewer of viewers) await viewer.enter('ada');
    await expect(share(limits, 'viewer', 'one').enter('ada')).rejects.toMatchObject({
      code: 'too-many-sessions',
    });
    await share(limits, 'viewer', 'one').enter(null);
    live.leave();
    viewers[0]?.leave();
    await share(limits, 'presenter', 'two').enter('ada');
  });
});

describe('overload', () => {
  const pressure = { memoryBytes: 0, maxMemoryBytes: 100, lagMs: 0, busy: 0 };
  const newOverload = () =>
    new Overload({
      maxMemoryMb: 0,
      maxLagMs: 100,
      maxBusyPercent: 98,
      metrics: new NodeMetrics(createRegistry()),
      log: createLogger({ name: 'test', level: 'silent' }),
      measure: () => pressure,
    });
  const refused = (overload: Overload) => sheddingOrder.filter(work => overload.refuses(work));

  it('gives up the directory, chat, new viewers, new presenters and resumes, in this order, and takes them back', () => {
    const overload = newOverload();
    const seen: number[] = [];
    for (const memoryBytes of [50, 71, 78, 85, 91, 97, 93, 88, 60]) {
      pressure.memoryBytes = memoryBytes;
      overload.look();
      seen.push(refused(overload).length);
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 5, 4, 0]);
    pressure.memoryBytes = 85;
    overload.look();
    expect(refused(overload)).toEqual(['directory', 'chat', 'viewer']);
    pressure.memoryBytes = 0;
  });

  it('comes of a late event loop too, but not of one late turn', () => {
    const overload = newOverload();
    pressure.lagMs = 100;
    overload.look();
    expect(refused(overload)).toEqual([]);
    for (let looks = 0; looks < 5; looks += 1) overload.look();
    expect(refused(overload)).toEqual([...sheddingOrder]);
    pressure.lagMs = 0;
    for (let looks = 0; looks < 5; looks += 1) overload.look();
    expect(refused(overload)).toEqual([]);
  });

  it('[R-LIMIT-3] comes of a loop that is always busy too: one after the other, but no resume, and not of a burst', () => {
    const overload = newOverload();
    const levels = new Set<number>();
    const look = (busy: number, looks: number) => {
      pressure.busy = busy;
      for (; looks > 0; looks -= 1) {
        overload.look();
        levels.add(refused(overload).length);
      }
    };
    look(1, 8);
    look(0, 8);
    expect(levels).toEqual(new Set([0]));
    look(0.8, 200);
    expect(levels).toEqual(new Set([0]));
    look(1, 200);
    expect([...levels]).toEqual([0, 1, 2, 3, 4]);
    look(0.2, 20);
    expect(refused(overload)).toEqual([]);
    pressure.busy = 0;
  });
});
