import { expel, type Session } from '@manycast/core';
import { asSessionId, RoomName, type SessionId } from '@manycast/protocol';
import { z } from 'zod';
import type { AdminPorts } from '../admin-ports.js';
import { findSession } from '../find-session.js';
import { Page, pageOf } from '../page.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const SessionState = z
  .object({
    id: z.string(),
    room: RoomName,
    role: z.enum(['presenter', 'viewer']),
    state: z
      .enum(['joining', 'present', 'detached'])
      .describe('detached: without a socket, within its grace period'),
    speech: z.enum(['tutorial', 'manycast.v1']),
    node: z.string().describe('the node that has, or last had, its socket'),
    epoch: z.number().int().describe('counts its sockets'),
    detachedAt: z.iso.datetime().nullable(),
    server: z.string().nullable(),
    endpoint: z.string().nullable(),
  })
  .meta({ id: 'Session', description: 'one participant of one room' });

const room = RoomName.optional().describe('where it is, if that is known: then no other room is asked');

export const sessionRoutes = (ports: AdminPorts): Route[] => [
  route({
    access: 'read',
    method: 'get',
    path: '/v1/sessions/:session',
    summary: 'One session, wherever it is',
    params: z.object({ session: z.string().max(64).transform(asSessionId) }),
    query: z.strictObject({ room }),
    answer: SessionState,
    problems: ['session-unknown'],
    async handle({ params, query }) {
      const found = await findSession(ports, params.session, query.room);
      if (!found) throw new Problem('session-unknown');
      return shown(params.session, found.room, found.session);
    },
  }),
  route({
    access: 'write',
    method: 'post',
    path: '/v1/sessions/:session/kick',
    summary:
      'Ends a session; a presenter’s with its room. Its client is told and does not come back by itself',
    params: z.object({ session: z.string().max(64).transform(asSessionId) }),
    query: z.strictObject({ room }),
    answer: z.object({
      session: z.string(),
      room: RoomName.nullable(),
      outcome: z.enum(['kicked', 'was-gone']),
    }),
    async handle({ params: { session }, query }) {
      const found = await findSession(ports, session, query.room);
      const outcome = found && (await expel(ports, { room: found.room, session }, 'kicked'));
      return {
        session,
        room: found?.room ?? null,
        outcome: outcome === 'expelled' ? ('kicked' as const) : ('was-gone' as const),
      };
    },
  }),
  route({
    access: 'read',
    method: 'get',
    path: '/v1/rooms/:room/sessions',
    summary: 'The sessions of a room, by id, page by page',
    params: z.object({ room: RoomName }),
    query: Page,
    answer: z.object({ sessions: z.array(SessionState), next: z.string().nullable() }),
    async handle({ params: { room }, query }) {
      const { sessions } = await ports.rooms.read(room);
      const { items, next } = pageOf(sessions, ([id]) => id, query);
      return { sessions: items.map(([id, session]) => shown(id, room, session)), next };
    },
  }),
];

const shown = (id: SessionId, room: RoomName, session: Session) => {
  const { role, speech, node, epoch, media, detachedAtMs } = session;
  return {
    ...{ id, room, role, speech, node, epoch },
    state:
      detachedAtMs !== null ? ('detached' as const) : media ? ('present' as const) : ('joining' as const),
    detachedAt: detachedAtMs === null ? null : new Date(detachedAtMs).toISOString(),
    server: media?.server ?? null,
    endpoint: media?.endpoint ?? null,
  };
};
