import {
  MemoryDeadLetters,
  MemoryDeliveryLog,
  MemoryWebhookOutbox,
  type Told,
  webhookTypes,
} from '@manycast/core';
import { RoomName } from '@manycast/protocol';
import { createLogger, createRegistry } from '@manycast/runtime';
import { describe, expect, it } from 'vitest';
import type { PostResult } from './post.js';
import type { Receiver } from './receiver.js';
import { replay } from './webhook-desk.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { type LaneWork, workLane } from './work-lane.js';

const room = RoomName.parse('a');
const lane = { receiver: 'r', room };
const delivered: PostResult = { isDelivered: true, status: 200, reason: null, retryAfterMs: null, tookMs: 1 };
const refused: PostResult = { ...delivered, isDelivered: false, status: 500, reason: 'status 500' };

async function stage(own: Partial<Receiver> = {}) {
  let nowMs = 1_700_000_000_000;
  const outbox = new MemoryWebhookOutbox(() => nowMs);
  await outbox.announce([
    { id: 'r', sources: ['presenter-live', 'presenter-left', 'viewer-count', 'viewer-left'] },
  ]);
  const posted: { id: string; type: string; attempt: number; data: object }[] = [];
  const answers: PostResult[] = [];
  const registry = createRegistry();
  const stopping = new AbortController();
  const receiver: Receiver = {
    ...{ id: 'r', url: 'http://r/', secrets: ['s'], events: ['room.*', 'viewer.count'], timeoutMs: 1_000 },
    ...{ giveUpAfterMs: 60_000, retryMaxMs: 10_000, concurrency: 1 },
    ...own,
  };
  const work: LaneWork = {
    outbox,
    dead: new MemoryDeadLetters({ kept: 2 }),
    deliveries: new MemoryDeliveryLog({ kept: 100 }),
    findReceiver: id => (id === 'r' ? receiver : undefined),
    post: async (_receiver, { id, type, data }, attempt) => {
      posted.push({ id, type, attempt, data });
      return answers.shift() ?? delivered;
    },
    metrics: new WebhookMetrics(registry),
    reach: async () => {},
    log: createLogger({ name: 'test', level: 'silent' }),
    stopping: stopping.signal,
    now: () => nowMs,
  };
  const tell = (type: Told['type'], fields: object = {}) =>
    outbox.append(room, { type, generation: 1, ...fields });
  const left = async () => (await outbox.take({ receiver: 'r', room }, 'look', 100)).entries.length;
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { work, outbox, posted, answers, registry, stopping, tell, left, pass };
}

describe('a turn at a lane', () => {
  it('tells everything that waits, in order, once, and what is wanted only', async () => {
    const { work, posted, tell, left } = await stage();
    tell('presenter-live', { seq: 1 });
    tell('viewer-left');
    tell('presenter-left', { seq: 2 });
    expect(await workLane(lane, work)).toBe('done');
    expect(posted.map(({ type, attempt }) => [type, attempt])).toEqual([
      ['room.live', 1],
      ['room.ended', 1],
    ]);
    expect(await left()).toBe(0);
    expect(await workLane(lane, work)).toBe('done');
    expect(posted).toHaveLength(2);
  });

  it('stops at what fails, and begins there the next time', async () => {
    const { work, posted, answers, tell } = await stage();
    tell('presenter-live');
    tell('presenter-left');
    answers.push(delivered, refused, refused);
    const pauses: number[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const outcome = await workLane(lane, work);
      pauses.push(outcome === 'done' ? -1 : outcome.againInMs);
    }
    expect(pauses[0]).toBeGreaterThanOrEqual(500);
    expect(pauses[1]).toBeGreaterThanOrEqual(1_000);
    expect(await workLane(lane, work)).toBe('done');
    expect(posted.map(({ type, attempt }) => [type, attempt])).toEqual([
      ['room.live', 1],
      ['room.ended', 1],
      ['room.ended', 2],
      ['room.ended', 3],
    ]);
    expect(new Set(posted.map(({ id }) => id)).size).toBe(2);
  });

  it('gives up what fails for too long, keeps it, and goes on', async () => {
    const { work, posted, answers, registry, tell, pass } = await stage();
    tell('presenter-live');
    tell('presenter-left');
    pass(60_001);
    answers.push(refused);
    expect(await workLane(lane, work)).toBe('done');
    const { letters } = await work.dead.list('r', { limit: 5, after: '' });
    expect(letters).toMatchObject([{ id: posted[0]?.id, room, attempts: 1, reason: 'status 500' }]);
    expect(posted.map(({ type }) => type)).toEqual(['room.live', 'room.ended']);
    const { deliveries } = await work.deliveries.read('r', { limit: 5, after: '' });
    expect(deliveries.map(({ outcome, type }) => [outcome, type])).toEqual([
      ['delivered', 'room.ended'],
      ['dead', 'room.live'],
    ]);
    const text = await registry.metrics();
    expect(text).toContain('manycast_webhook_attempts_total{receiver="r",outcome="dead"} 1');
    expect(text).toContain('manycast_webhook_attempts_total{receiver="r",outcome="delivered"} 1');
  });

  it('counts dead letters that had to go', async () => {
    const { work, answers, registry, tell, pass } = await stage();
    for (let i = 0; i < 4; i += 1) tell('presenter-live');
    pass(60_001);
    answers.push(refused, refused, refused, refused);
    await workLane(lane, work);
    expect(await registry.metrics()).toContain('manycast_webhook_dead_letters_dropped_total{receiver="r"} 2');
  });

  it('sends a dead letter again under its id, when an operator says so', async () => {
    const { work, posted, answers, tell, pass } = await stage({ events: ['room.live'] });
    tell('presenter-live');
    pass(60_001);
    answers.push(refused);
    await workLane(lane, work);
    const { letters } = await work.dead.list('r', { limit: 5, after: '' });
    const [letter] = letters;
    if (!letter) throw new Error('no letter');
    await replay(work, 'r', letter);
    expect(await work.dead.count('r')).toBe(0);
    answers.push(refused);
    expect(await workLane(lane, work)).toMatchObject({ againInMs: expect.any(Number) });
    expect(await workLane(lane, work)).toBe('done');
    expect(posted.map(({ id }) => id)).toEqual([letter.id, letter.id, letter.id]);
  });

  it('lets a number settle, but not what comes after it wait', async () => {
    const { work, posted, tell, pass } = await stage();
    for (const viewers of [1, 2, 3]) tell('viewer-count', { viewers });
    pass(200);
    expect(await workLane(lane, work)).toEqual({ againInMs: 800 });
    tell('viewer-count', { viewers: 4 });
    pass(800);
    expect(await workLane(lane, work)).toBe('done');
    tell('viewer-count', { viewers: 3 });
    tell('presenter-left');
    expect(await workLane(lane, work)).toBe('done');
    expect(posted.map(({ type, data }) => [type, data])).toEqual([
      ['viewer.count', { viewers: 4 }],
      ['viewer.count', { viewers: 3 }],
      ['room.ended', {}],
    ]);
  });

  it('ends where another has begun', async () => {
    const { work, outbox, posted, tell } = await stage();
    tell('presenter-live');
    tell('presenter-left');
    const { post } = work;
    work.post = async (...args) => {
      if (posted.length === 0) await outbox.take(lane, 'another', 10);
      return post(...args);
    };
    expect(await workLane(lane, work)).toBe('done');
    expect(posted.map(({ type }) => type)).toEqual(['room.live']);
  });

  it('leaves a turn’s rest to others when the process stops, and has others come in between', async () => {
    const { work, posted, stopping, tell, left } = await stage();
    for (let i = 0; i < 40; i += 1) tell('presenter-live');
    expect(await workLane(lane, work)).toEqual({ againInMs: 0 });
    expect(posted).toHaveLength(32);
    stopping.abort();
    expect(await workLane(lane, work)).toEqual({ againInMs: 0 });
    expect([posted.length, await left()]).toEqual([32, 8]);
  });

  it('does nothing for a receiver that is not there any more', async () => {
    const { work, tell, posted } = await stage();
    tell('presenter-live');
    expect(await workLane({ ...lane, receiver: 'gone' }, work)).toBe('done');
    expect(posted).toEqual([]);
  });

  it.each([
    'webhook:taken',
    'webhook:posted',
    'webhook:failed',
    'webhook:buried',
    'webhook:advanced',
  ] as const)('that breaks off at %s loses nothing and changes no order', async step => {
    const { work, posted, answers, tell, pass, left } = await stage();
    tell('presenter-live');
    tell('presenter-left');
    if (step === 'webhook:buried') pass(60_001);
    if (step === 'webhook:failed' || step === 'webhook:buried') answers.push(refused);
    let hasBroken = false;
    work.reach = async reached => {
      if (reached !== step || hasBroken) return;
      hasBroken = true;
      throw new Error('the process died');
    };
    await expect(workLane(lane, work)).rejects.toThrow('died');
    while ((await workLane(lane, work)) !== 'done');
    const firsts = [...new Set(posted.map(({ id }) => id))];
    expect(firsts.map(id => posted.find(each => each.id === id)?.type)).toEqual(['room.live', 'room.ended']);
    expect(await left()).toBe(0);
  });
});

it('every type is named once', () => {
  expect(new Set(webhookTypes).size).toBe(webhookTypes.length);
});
