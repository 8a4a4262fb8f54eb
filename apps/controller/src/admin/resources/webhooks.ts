import { type DeadLetter, webhookEvent } from '@manycast/core';
import { z } from 'zod';
import { replay } from '../../webhooks/webhook-desk.js';
import type { AdminPorts } from '../admin-ports.js';
import { Page } from '../page.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const Receiver = z
  .object({
    id: z.string(),
    origin: z.string().describe('of its address; the rest may be secret'),
    events: z.array(z.string()),
    lanes: z
      .record(z.string(), z.number().int())
      .describe('rooms with something for it: waiting, active, delayed until the next attempt'),
    deadLetters: z.number().int(),
  })
  .meta({ id: 'WebhookReceiver', description: 'who is told of what happens in rooms' });

const Delivery = z
  .object({
    at: z.iso.datetime(),
    id: z.string().describe('of the event'),
    type: z.string(),
    room: z.string(),
    attempt: z.number().int(),
    outcome: z.enum(['delivered', 'failed', 'dead']).describe('failed: tried again; dead: given up'),
    status: z.number().int().nullable().describe('of the answer; null when there was none'),
    tookMs: z.number().int(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'WebhookDelivery', description: 'one attempt to tell a receiver something' });

const Letter = z
  .object({
    id: z.string().describe('of the event'),
    type: z.string(),
    room: z.string(),
    at: z.iso.datetime(),
    givenUpAt: z.iso.datetime(),
    attempts: z.number().int(),
    reason: z.string().describe('what the last attempt met'),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'WebhookDeadLetter', description: 'an event that a receiver could not be told' });

const ofReceiver = z.object({ receiver: z.string().max(32) });
const ofLetter = z.object({ receiver: z.string().max(32), id: z.string().max(128).describe('of the event') });

/** Letters put back by one order. */
const replayLimit = 1_000;

export const webhookRoutes = ({ webhooks }: AdminPorts): Route[] => {
  const { dead, deliveries } = webhooks;
  const known = (id: string): string => {
    if (!webhooks.receivers().some(receiver => receiver.id === id)) throw new Problem('receiver-unknown');
    return id;
  };
  const letterOf = async ({ receiver, id }: z.output<typeof ofLetter>): Promise<DeadLetter> => {
    const letter = await dead.read(known(receiver), id);
    if (!letter) throw new Problem('dead-letter-unknown');
    return letter;
  };
  return [
    route({
      access: 'read',
      method: 'get',
      path: '/v1/webhooks',
      summary: 'Who is told of what happens in rooms, and what waits for them',
      answer: z.object({ receivers: z.array(Receiver) }),
      async handle() {
        const receivers = webhooks.receivers().map(async ({ id, url, events }) => {
          const [lanes, deadLetters] = await Promise.all([webhooks.lanes(id), dead.count(id)]);
          return { id, origin: new URL(url).origin, events: [...events], lanes, deadLetters };
        });
        return { receivers: await Promise.all(receivers) };
      },
    }),
    route({
      access: 'read',
      method: 'get',
      path: '/v1/webhooks/:receiver/deliveries',
      summary: 'The last attempts, newest first, page by page',
      params: ofReceiver,
      query: Page,
      answer: z.object({ deliveries: z.array(Delivery), next: z.string().nullable() }),
      problems: ['receiver-unknown'],
      async handle({ params, query }) {
        const page = await deliveries.read(known(params.receiver), query);
        const shown = page.deliveries.map(({ atMs, ...rest }) => ({
          at: new Date(atMs).toISOString(),
          ...rest,
        }));
        return { deliveries: shown, next: page.next };
      },
    }),
    route({
      access: 'read',
      method: 'get',
      path: '/v1/webhooks/:receiver/dead-letters',
      summary: 'What was given up, in the order in which it happened, page by page',
      params: ofReceiver,
      query: Page,
      answer: z.object({ deadLetters: z.array(Letter), next: z.string().nullable() }),
      problems: ['receiver-unknown'],
      async handle({ params, query }) {
        const { letters, next } = await dead.list(known(params.receiver), query);
        return { deadLetters: letters.map(shownLetter), next };
      },
    }),
    route({
      access: 'write',
      method: 'post',
      path: '/v1/webhooks/:receiver/dead-letters/:id/replay',
      summary: 'Has one sent again, after what waits for the receiver in its room, under the same id',
      params: ofLetter,
      status: 202,
      answer: z.object({ replayed: z.number().int() }),
      problems: ['receiver-unknown', 'dead-letter-unknown'],
      async handle({ params }) {
        await replay(webhooks, params.receiver, await letterOf(params));
        return { replayed: 1 };
      },
    }),
    route({
      access: 'write',
      method: 'post',
      path: '/v1/webhooks/:receiver/dead-letters/replay',
      summary: `Has them sent again, the oldest first; at most ${replayLimit} by one order`,
      params: ofReceiver,
      status: 202,
      answer: z.object({ replayed: z.number().int(), left: z.number().int() }),
      problems: ['receiver-unknown'],
      async handle({ params }) {
        const receiver = known(params.receiver);
        const { letters } = await dead.list(receiver, { limit: replayLimit, after: '' });
        // One after the other: those of one room in their order.
        for (const letter of letters) await replay(webhooks, receiver, letter);
        return { replayed: letters.length, left: await dead.count(receiver) };
      },
    }),
    route({
      access: 'write',
      method: 'delete',
      path: '/v1/webhooks/:receiver/dead-letters/:id',
      summary: 'Forgets one',
      params: ofLetter,
      answer: z.object({ forgotten: z.boolean() }),
      problems: ['receiver-unknown', 'dead-letter-unknown'],
      async handle({ params }) {
        const { id } = await letterOf(params);
        await dead.remove(params.receiver, id);
        return { forgotten: true };
      },
    }),
  ];
};

function shownLetter({ id, room, atMs, told, givenUpAtMs, attempts, reason }: DeadLetter) {
  const event = webhookEvent(id, room, atMs, told);
  return {
    ...{ id, room, attempts, reason },
    type: event?.type ?? told.type,
    at: new Date(atMs).toISOString(),
    givenUpAt: new Date(givenUpAtMs).toISOString(),
    data: event?.data ?? {},
  };
}
