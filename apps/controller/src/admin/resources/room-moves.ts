import { RoomName } from '@manycast/protocol';
import { z } from 'zod';
import type { AdminPorts } from '../admin-ports.js';
import { idOf, serverOf } from '../media-server.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

/** An order's own room is the only one that it moves: it comes before those of a drain. */
const audienceOfAnOrder = 1_000_000;

export const roomMoveRoutes = ({ rooms, pool, relocations }: AdminPorts): Route[] => [
  route({
    access: 'write',
    method: 'post',
    path: '/v1/rooms/:room/move',
    summary:
      'Moves a live room to another media server while it plays; `GET /v1/rooms/:room` says where it is',
    params: z.object({ room: RoomName }),
    body: z.strictObject({
      to: z
        .string()
        .max(300)
        .optional()
        .describe('id of a media server that is up; the pool chooses unless given'),
      waitMs: z
        .number()
        .int()
        .min(0)
        .max(86_400_000)
        .default(0)
        .describe(
          'how long to wait for tutorial pages in it to leave: they cannot follow, and are told that it is over',
        ),
    }),
    status: 202,
    answer: z.object({
      room: RoomName,
      outcome: z.enum(['moving', 'is-there']),
      from: z.string().describe('id of the media server that it is on'),
      to: z.string().nullable().describe('null: the pool chooses'),
    }),
    problems: ['room-not-live', 'room-cannot-move', 'server-unknown', 'server-not-up'],
    async handle({ params: { room }, body: { to, waitMs } }) {
      const { state, media, presenter, sessions } = await rooms.read(room);
      if (state !== 'live' || !media) throw new Problem('room-not-live');
      const host = presenter === null ? undefined : sessions.get(presenter);
      if (host?.speech === 'tutorial') throw new Problem('room-cannot-move');
      const target = to === undefined ? undefined : await serverOf(pool, to);
      const [from, answered] = [idOf(media.server), target ? idOf(target.url) : null];
      if (target?.url === media.server) return { room, outcome: 'is-there' as const, from, to: answered };
      if (target && target.state !== 'up')
        throw new Problem('server-not-up', { field: 'to', message: `to: ${target.state}, not up` });
      await relocations.schedule({
        ...{ room, cause: 'order', from: media.server, audience: audienceOfAnOrder },
        ...(target && { to: target.url }),
        ...(waitMs > 0 && { deadlineMs: Date.now() + waitMs }),
      });
      return { room, outcome: 'moving' as const, from, to: answered };
    },
  }),
];
