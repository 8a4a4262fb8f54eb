import { closeRoom, type RoomView } from '@manycast/core';
import { RoomName } from '@manycast/protocol';
import { z } from 'zod';
import { inParallel } from '../../in-parallel.js';
import type { AdminPorts } from '../admin-ports.js';
import { Page, pageOf } from '../page.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const state = z.enum(['ended', 'starting', 'live']);
const generation = z.number().int().describe('counts how often its media was built');

const RoomEntry = z
  .object({
    name: RoomName,
    state,
    generation,
    server: z.string().describe('address of its media server'),
    slots: z.number().int().describe('endpoints promised to it'),
  })
  .meta({ id: 'RoomEntry', description: 'a room that has a media server' });

const Room = z
  .object({
    name: RoomName,
    state,
    generation,
    seq: z.number().int().describe('number of its last event'),
    presenter: z.string().nullable().describe('the presenter’s session'),
    server: z.string().nullable(),
    formerServer: z.string().nullable().describe('where it still plays for those who have yet to follow'),
    pipeline: z.string().nullable(),
    slots: z.number().int(),
    sessions: z.object({
      joining: z.number().int(),
      present: z.number().int(),
      detached: z.number().int().describe('without a socket, within their grace period'),
    }),
  })
  .meta({ id: 'Room' });

export const roomRoutes = ({ rooms, pool, ...others }: AdminPorts): Route[] => [
  route({
    access: 'read',
    method: 'get',
    path: '/v1/rooms',
    summary: 'Rooms that have a media server, by name, page by page',
    query: Page,
    answer: z.object({ rooms: z.array(RoomEntry), next: z.string().nullable() }),
    async handle({ query }) {
      const reservations = await pool.reservations();
      const { items, next } = pageOf(reservations, ({ room }) => room, query);
      const states = new Map<string, RoomView['state']>();
      await inParallel(items, 16, async ({ room }) => {
        states.set(room, (await rooms.summary(room)).state);
      });
      return {
        rooms: items.map(({ room, generation, server, slots }) => ({
          ...{ name: room, generation, server, slots },
          state: states.get(room) ?? 'ended',
        })),
        next,
      };
    },
  }),
  route({
    access: 'read',
    method: 'get',
    path: '/v1/rooms/:room',
    summary: 'One room',
    params: z.object({ room: RoomName }),
    answer: Room,
    problems: ['room-unknown'],
    async handle({ params: { room: name } }) {
      const view = await rooms.read(name);
      if (view.generation === 0) throw new Problem('room-unknown');
      const { state, generation, seq, presenter, media, former, slots } = view;
      return {
        ...{ name, state, generation, seq, presenter, slots },
        server: media?.server ?? null,
        formerServer: former?.server ?? null,
        pipeline: media?.pipeline ?? null,
        sessions: census(view),
      };
    },
  }),
  route({
    access: 'write',
    method: 'post',
    path: '/v1/rooms/:room/close',
    summary: 'Ends the broadcast in a room, for everybody',
    params: z.object({ room: RoomName }),
    answer: z.object({ room: RoomName, outcome: z.enum(['closed', 'was-ended']) }),
    async handle({ params: { room } }) {
      const outcome = await closeRoom({ rooms, pool, ...others }, room);
      return { room, outcome: outcome === 'closed' ? ('closed' as const) : ('was-ended' as const) };
    },
  }),
];

function census({ sessions }: RoomView) {
  const counts = { joining: 0, present: 0, detached: 0 };
  for (const { media, detachedAtMs } of sessions.values()) {
    counts[detachedAtMs !== null ? 'detached' : media ? 'present' : 'joining'] += 1;
  }
  return counts;
}
