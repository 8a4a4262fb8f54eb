import { z } from 'zod';
import type { AdminPorts } from '../admin-ports.js';
import { MediaServer, serverOf, serverParam, shown } from '../media-server.js';
import { type Route, route } from '../route.js';

export const serverRoutes = ({ pool }: AdminPorts): Route[] => [
  route({
    access: 'read',
    method: 'get',
    path: '/v1/servers',
    summary: 'The media servers of the pool',
    answer: z.object({ servers: z.array(MediaServer) }),
    handle: async () => ({
      servers: (await pool.read()).map(shown).sort((a, b) => (a.id < b.id ? -1 : 1)),
    }),
  }),
  route({
    access: 'read',
    method: 'get',
    path: '/v1/servers/:server',
    summary: 'One media server; while it drains, `rooms` says how many are left',
    params: serverParam,
    answer: MediaServer,
    problems: ['server-unknown'],
    handle: async ({ params }) => shown(await serverOf(pool, params.server)),
  }),
];
