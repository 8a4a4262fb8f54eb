import type { PoolServer } from '@manycast/core';
import { z } from 'zod';
import type { AdminPorts } from '../admin-ports.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const MediaServer = z
  .object({
    id: z.string().describe('host and port of its address'),
    url: z.string(),
    capacity: z.number().int().describe('endpoints that it may have'),
    reserved: z.number().int().describe('endpoints promised to rooms'),
    rooms: z.number().int().describe('rooms that are on it'),
  })
  .meta({ id: 'MediaServer', description: 'one media server of the pool' });

export const serverRoutes = ({ pool }: AdminPorts): Route[] => {
  const all = async () => {
    const [servers, reservations] = await Promise.all([pool.read(), pool.reservations()]);
    return servers
      .map(server => ({
        ...shown(server),
        rooms: reservations.filter(reservation => reservation.server === server.url).length,
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  return [
    route({
      access: 'read',
      method: 'get',
      path: '/v1/servers',
      summary: 'The media servers of the pool',
      answer: z.object({ servers: z.array(MediaServer) }),
      handle: async () => ({ servers: await all() }),
    }),
    route({
      access: 'read',
      method: 'get',
      path: '/v1/servers/:server',
      summary: 'One media server',
      params: z.object({ server: z.string().describe('its id, such as `kms-0:8888`') }),
      answer: MediaServer,
      problems: ['server-unknown'],
      async handle({ params }) {
        const found = (await all()).find(({ id }) => id === params.server);
        if (!found) throw new Problem('server-unknown');
        return found;
      },
    }),
  ];
};

/** A whole URL would have to be escaped wherever it stands in a path. */
const idOf = (url: string): string => {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === 'wss:' ? 443 : 80)}`;
};

const shown = ({ url, capacity, reserved }: PoolServer) => ({ id: idOf(url), url, capacity, reserved });
