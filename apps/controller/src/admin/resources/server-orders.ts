import type { ServerStanding } from '@manycast/core';
import { asMediaServerUrl } from '@manycast/protocol';
import { urlWith } from '@manycast/runtime';
import { z } from 'zod';
import type { AdminPorts } from '../admin-ports.js';
import { MediaServer, serverOf, serverParam, shown } from '../media-server.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

/** What live rooms need is seconds; the rest is for pages that cannot move. */
const usualDrainMs = 600_000;

const deadlineMs = z
  .number()
  .int()
  .min(0)
  .max(86_400_000)
  .optional()
  .describe(
    `ms from now after which what has not moved is ended; ${usualDrainMs} unless given, or what a drain under way has`,
  );
const label = z.string().regex(/^[\w./-]{1,64}$/, 'must be 1-64 characters of A-Z a-z 0-9 _ . / -');

const Draining = z.object({ server: MediaServer, roomsToMove: z.number().int() }).meta({
  id: 'Draining',
  description: 'what a drain will do; `GET /v1/servers/:server` says how far it is',
});

export const serverOrderRoutes = ({ pool, servers }: AdminPorts): Route[] => {
  const after = async (id: string, standing: ServerStanding) => {
    if (standing.status === 'unknown') throw new Problem('server-unknown');
    return serverOf(pool, id);
  };
  const drained = async (id: string, byMs: number | undefined, isRemoval: boolean) => {
    const { url, drain } = await serverOf(pool, id);
    // Said again, it is the drain that there is.
    const isSame = drain !== null && byMs === undefined && drain.isRemoval === isRemoval;
    if (!isSame) {
      const leftMs = drain ? Math.max(0, drain.deadlineMs - Date.now()) : usualDrainMs;
      await after(id, await servers.drain(url, byMs ?? leftMs, { isRemoval }));
    }
    const server = await serverOf(pool, id);
    return { server: shown(server), roomsToMove: server.rooms };
  };
  return [
    route({
      access: 'write',
      method: 'post',
      path: '/v1/servers',
      summary:
        'Adds a media server, or changes its capacity and labels. It takes rooms once it was seen and warmed up',
      body: z.strictObject({
        url: urlWith('ws', 'wss').describe('such as `ws://kms-9:8888/kurento`'),
        capacity: z.number().int().min(1).max(1_000_000).describe('endpoints that it may have'),
        labels: z.record(label, label).optional().describe('for placement, such as `{"zone": "eu-1"}`'),
      }),
      status: 202,
      answer: MediaServer,
      async handle({ body: { url, capacity, labels } }) {
        const server = asMediaServerUrl(url);
        await servers.add('admin', [{ url: server, capacity, ...(labels && { labels }) }]);
        const found = (await pool.read()).find(each => each.url === server);
        if (!found) throw new Problem('unavailable', { message: 'the server was taken out again meanwhile' });
        return shown(found);
      },
    }),
    route({
      access: 'write',
      method: 'post',
      path: '/v1/servers/:server/drain',
      summary:
        'No new rooms; live ones move to other servers while they play, what cannot is ended at the deadline',
      params: serverParam,
      body: z.strictObject({ deadlineMs }),
      status: 202,
      answer: Draining,
      problems: ['server-unknown'],
      handle: ({ params, body }) => drained(params.server, body.deadlineMs, false),
    }),
    route({
      access: 'write',
      method: 'post',
      path: '/v1/servers/:server/undrain',
      summary: 'New rooms again; what has moved stays where it is',
      params: serverParam,
      answer: MediaServer,
      problems: ['server-unknown'],
      async handle({ params }) {
        const { url } = await serverOf(pool, params.server);
        return shown(await after(params.server, await servers.undrain(url)));
      },
    }),
    route({
      access: 'write',
      method: 'post',
      path: '/v1/servers/:server/remove',
      summary:
        'Drains it and takes it out of the pool; with `isLost` at once, and its rooms are rebuilt elsewhere',
      params: serverParam,
      body: z.strictObject({
        deadlineMs,
        isLost: z
          .boolean()
          .default(false)
          .describe('it will not come back: do not wait for its rooms to move'),
      }),
      status: 202,
      answer: z.object({
        outcome: z.enum(['draining', 'removed', 'was-gone']),
        draining: Draining.nullable(),
      }),
      async handle({ params, body }) {
        try {
          if (!body.isLost) {
            const draining = await drained(params.server, body.deadlineMs, true);
            return { outcome: 'draining' as const, draining };
          }
          const { url } = await serverOf(pool, params.server);
          await servers.remove(url, 'admin');
          return { outcome: 'removed' as const, draining: null };
        } catch (error) {
          // Said again, or of one that left by itself.
          if (Problem.from(error).code !== 'server-unknown') throw error;
          return { outcome: 'was-gone' as const, draining: null };
        }
      },
    }),
  ];
};
