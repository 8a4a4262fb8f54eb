import { z } from 'zod';
import type { AdminPorts } from '../admin-ports.js';
import { type Route, route } from '../route.js';

const NodeState = z
  .object({
    id: z.string(),
    state: z
      .enum(['live', 'expired'])
      .describe('expired: its lease is over and its sessions are being taken over'),
    rooms: z.number().int().describe('rooms it serves or served'),
  })
  .meta({ id: 'Node', description: 'one signaling node' });

export const nodeRoutes = ({ registry }: AdminPorts): Route[] => [
  route({
    access: 'read',
    method: 'get',
    path: '/v1/nodes',
    summary: 'The signaling nodes, as their leases say',
    answer: z.object({ nodes: z.array(NodeState) }),
    async handle() {
      // In this order: a node that dies in between is named once, as expired.
      const live = await registry.live();
      const expired = await registry.expired();
      const gone = new Set(expired);
      const all = [
        ...live.filter(id => !gone.has(id)).map(id => ({ id, state: 'live' as const })),
        ...expired.map(id => ({ id, state: 'expired' as const })),
      ].sort((a, b) => (a.id < b.id ? -1 : 1));
      const rooms = await Promise.all(all.map(({ id }) => registry.rooms(id)));
      return { nodes: all.map((node, index) => ({ ...node, rooms: rooms[index]?.length ?? 0 })) };
    },
  }),
];
