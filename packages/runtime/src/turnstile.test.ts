import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TurnedAway, Turnstile, type TurnstileOptions } from './turnstile.js';

describe('a turnstile', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function stage(options: Partial<TurnstileOptions> = {}) {
    const turnstile = new Turnstile({
      ...{ targetMs: 100, maxWaitMs: 1_000, first: 2, least: 1, most: 10 },
      now: () => Date.now(),
      ...options,
    });
    const begun: string[] = [];
    const work = (name: string, ms: number) => () => {
      begun.push(name);
      return new Promise<string>(resolve => setTimeout(() => resolve(name), ms));
    };
    /** Works off as many as `count` at a time, each in `ms`. */
    const answer = async (count: number, ms: number) => {
      const all = Promise.all(Array.from({ length: count }, () => turnstile.pass(0, work('', ms))));
      await vi.advanceTimersByTimeAsync(ms);
      await all;
    };
    return { turnstile, begun, work, answer };
  }

  it('lets as many through as its bound, and of those who wait the lower rank first, then the earlier', async () => {
    const { turnstile, begun, work } = stage();
    const all = [
      turnstile.pass(2, work('first', 10)),
      turnstile.pass(2, work('second', 10)),
      turnstile.pass(2, work('viewer', 10)),
      turnstile.pass(2, work('later viewer', 10)),
      turnstile.pass(1, work('presenter', 10)),
      turnstile.pass(0, work('resume', 10)),
    ];
    expect(begun).toEqual(['first', 'second']);
    expect(turnstile).toMatchObject({ underWay: 2, waiting: 4, limit: 2 });
    await vi.advanceTimersByTimeAsync(30);
    expect(await Promise.all(all)).toHaveLength(6);
    expect(begun.slice(2)).toEqual(['resume', 'presenter', 'viewer', 'later viewer']);
    expect(turnstile).toMatchObject({ underWay: 0, waiting: 0 });
  });

  it('grows by one with each round of quick answers, as long as it is made use of', async () => {
    const { turnstile, answer } = stage();
    for (let round = 0; round < 40; round += 1) await answer(turnstile.limit, 10);
    expect(turnstile.limit).toBe(10);
    const { turnstile: unused, answer: answerFew } = stage({ first: 4 });
    for (let round = 0; round < 40; round += 1) await answerFew(1, 10);
    expect(unused.limit).toBe(4);
  });

  it('shrinks once for all slow answers that were begun together, and not below the least', async () => {
    const { turnstile, answer } = stage({ first: 10, least: 5 });
    await answer(10, 101);
    expect(turnstile.limit).toBe(8);
    for (let round = 0; round < 10; round += 1) await answer(1, 101);
    expect(turnstile.limit).toBe(5);
  });

  it('shrinks when work fails late, and does not grow when it fails quickly', async () => {
    const { turnstile } = stage({ first: 2, least: 1 });
    const failing = (ms: number) => () =>
      new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no')), ms));
    for (let round = 0; round < 20; round += 1) {
      const all = Promise.allSettled([turnstile.pass(0, failing(1)), turnstile.pass(0, failing(1))]);
      await vi.advanceTimersByTimeAsync(1);
      await all;
    }
    expect(turnstile.limit).toBe(2);
    const late = Promise.allSettled([turnstile.pass(0, failing(200))]);
    await vi.advanceTimersByTimeAsync(200);
    await late;
    expect(turnstile.limit).toBe(1);
  });

  it('turns away at once whoever would wait too long, by what work has taken so far', async () => {
    const { turnstile, work, answer } = stage({ maxWaitMs: 500, targetMs: 1_000, first: 1, most: 1 });
    for (let round = 0; round < 60; round += 1) await answer(1, 200);
    const outcomes = Array.from({ length: 10 }, () => turnstile.pass(1, work('', 200)));
    const settled = Promise.allSettled(outcomes);
    expect(turnstile.waiting).toBe(2);
    // Only those of its rank, or a lower one, are ahead of it.
    // It takes the turn of the last one, who has waited too long by then.
    const important = turnstile.pass(0, work('important', 200));
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await settled).map(({ status }) => status)).toEqual([
      ...Array(2).fill('fulfilled'),
      ...Array(8).fill('rejected'),
    ]);
    await expect(important).resolves.toBe('important');
    await expect(outcomes[9]).rejects.toThrow(TurnedAway);
  });

  it('turns away when nothing is answered any more', async () => {
    const { turnstile, work } = stage({ first: 1 });
    void turnstile.pass(0, work('stands still', 1e6));
    const waiting = Promise.allSettled([turnstile.pass(0, work('waits', 1))]);
    await vi.advanceTimersByTimeAsync(500);
    const later = Promise.allSettled([turnstile.pass(0, work('waits', 1))]);
    await vi.advanceTimersByTimeAsync(501);
    expect(await waiting).toMatchObject([{ status: 'rejected', reason: { name: 'TurnedAway' } }]);
    expect(turnstile.waiting).toBe(1);
    await vi.advanceTimersByTimeAsync(501);
    expect(await later).toMatchObject([{ status: 'rejected', reason: { name: 'TurnedAway' } }]);
  });

  it('does not begin what was given up while it waited', async () => {
    const { turnstile, begun, work } = stage({ first: 1 });
    const first = turnstile.pass(0, work('first', 10));
    const giveUp = new AbortController();
    const given = Promise.allSettled([turnstile.pass(0, work('given up', 10), giveUp.signal)]);
    giveUp.abort('gone');
    expect(await given).toEqual([{ status: 'rejected', reason: 'gone' }]);
    const last = turnstile.pass(0, work('last', 10));
    await vi.advanceTimersByTimeAsync(20);
    await Promise.all([first, last]);
    expect(begun).toEqual(['first', 'last']);
  });
});
