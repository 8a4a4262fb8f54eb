import { moderate, type RoomOptions } from '@manycast/core';
import { ModerationAct, OpeningOptions, RoomName, SignalError } from '@manycast/protocol';
import { z } from 'zod';
import type { AdminPorts } from '../admin-ports.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const inQuery = (least: number, most: number, usual: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${least} to ${most}` })
    .int()
    .min(least)
    .max(most)
    .default(usual);

const Options = OpeningOptions.extend({
  opensAtMs: z
    .number()
    .int()
    .min(0)
    .max(8_640_000_000_000_000)
    .optional()
    .describe('nobody may present before; Unix ms'),
}).meta({ id: 'RoomOptions', description: 'what counts from the room’s next opening on' });

const Card = z
  .object({
    name: RoomName,
    title: z.string().nullable(),
    startedAt: z.iso.datetime(),
    viewers: z.number().int(),
    presenter: z.string().nullable().describe('its name, as its token has it'),
    isPresenterAway: z.boolean(),
  })
  .meta({ id: 'DirectoryEntry', description: 'a live room' });

const Entry = z.looseObject({
  type: z.string(),
  epoch: z.string(),
  offset: z.number().int(),
  atMs: z.number().int(),
  intoMs: z.number().int().describe('ms since the broadcast began'),
});

/** What makes a room a place where people meet: its options, its chat, who keeps order, where it is listed. */
export const roomLifeRoutes = (ports: AdminPorts): Route[] => [
  route({
    access: 'read',
    method: 'get',
    path: '/v1/directory',
    summary: 'Live rooms, those with most viewers first, page by page',
    query: z.strictObject({
      query: z.string().max(100).optional().describe('words, each the beginning of one'),
      after: z
        .string()
        .regex(/^\d{1,9}$/)
        .optional()
        .describe('`next` of the page before'),
      limit: inQuery(1, 500, 100),
    }),
    answer: z.object({ rooms: z.array(Card), next: z.string().nullable(), total: z.number().int() }),
    async handle({ query }) {
      const { rooms, next, total } = await ports.directory.list(query);
      const shown = rooms.map(({ room, title, startedAtMs, viewers, presenterName, isPresenterAway }) => ({
        ...{ name: room, title, viewers, isPresenterAway },
        presenter: presenterName,
        startedAt: new Date(startedAtMs).toISOString(),
      }));
      return { rooms: shown, next, total };
    },
  }),
  route({
    access: 'read',
    method: 'get',
    path: '/v1/rooms/:room/options',
    summary: 'What was asked of a room; empty where nothing was',
    params: z.object({ room: RoomName }),
    answer: Options,
    handle: async ({ params: { room } }) => (await ports.options.read(room)) ?? {},
  }),
  route({
    access: 'write',
    method: 'put',
    path: '/v1/rooms/:room/options',
    summary: 'Schedules a room and says what it is to be like; all of it is replaced',
    params: z.object({ room: RoomName }),
    body: Options,
    answer: Options,
    async handle({ params: { room }, body }) {
      const options: RoomOptions = body;
      await ports.options.write(room, options);
      return options;
    },
  }),
  route({
    access: 'write',
    method: 'delete',
    path: '/v1/rooms/:room/options',
    summary: 'The room is like any other again, from its next opening on',
    params: z.object({ room: RoomName }),
    answer: z.object({ room: RoomName }),
    async handle({ params: { room } }) {
      await ports.options.clear(room);
      return { room };
    },
  }),
  route({
    access: 'read',
    method: 'get',
    path: '/v1/rooms/:room/chat',
    summary: 'The chat of a room, or the transcript of one that ended: a page of its log',
    params: z.object({ room: RoomName }),
    query: z.strictObject({
      epoch: z.string().max(64).optional().describe('of which opening; the last unless given'),
      after: inQuery(0, Number.MAX_SAFE_INTEGER, 0).describe('offset of the last entry of the page before'),
      limit: inQuery(1, 500, 100),
    }),
    answer: z.object({
      epoch: z.string(),
      first: z.number().int(),
      last: z.number().int(),
      entries: z.array(Entry),
    }),
    problems: ['chat-unknown'],
    async handle({ params: { room }, query }) {
      const page = await ports.chat.read({ room, ...query });
      if (!page) throw new Problem('chat-unknown');
      return page;
    },
  }),
  route({
    access: 'read',
    method: 'get',
    path: '/v1/rooms/:room/openings',
    summary: 'Openings of a room that have a transcript, the newest first',
    params: z.object({ room: RoomName }),
    answer: z.object({ openings: z.array(z.object({ epoch: z.string(), endedAt: z.iso.datetime() })) }),
    async handle({ params: { room } }) {
      const openings = await ports.chat.openings(room);
      return {
        openings: openings.map(({ epoch, endedAtMs }) => ({
          epoch,
          endedAt: new Date(endedAtMs).toISOString(),
        })),
      };
    },
  }),
  route({
    access: 'write',
    method: 'post',
    path: '/v1/rooms/:room/moderate',
    summary: 'Does what a moderator may do, as the operator',
    params: z.object({ room: RoomName }),
    body: z.strictObject({
      clientId: z
        .string()
        .regex(/^[\w-]{1,64}$/)
        .describe('the caller’s own; the same one again is the same order'),
      act: ModerationAct,
    }),
    answer: z.object({ room: RoomName, done: z.literal(true) }),
    problems: ['chat-unknown', 'not-found', 'not-allowed'],
    async handle({ params: { room }, body: { clientId, act } }) {
      try {
        await moderate(ports, { room, by: null, clientId, act });
      } catch (error) {
        const { code } = SignalError.from(error);
        if (code === 'chat-closed') throw new Problem('chat-unknown');
        if (code === 'not-found' || code === 'not-allowed') throw new Problem(code);
        throw error;
      }
      ports.presence.touch(room);
      return { room, done: true as const };
    },
  }),
];
