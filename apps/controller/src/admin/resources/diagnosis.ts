import type { EndpointRef } from '@manycast/core';
import { asSessionId, RoomName } from '@manycast/protocol';
import { z } from 'zod';
import type { AdminPorts } from '../admin-ports.js';
import { sightOf } from '../diagnosis/endpoint-sight.js';
import { type EndpointSight, verdictOf } from '../diagnosis/verdict.js';
import { findSession } from '../find-session.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const Endpoint = z
  .object({
    state: z.enum(['seen', 'gone', 'unreachable']),
    connection: z.enum(['connected', 'disconnected']).optional(),
    media: z.enum(['connected', 'disconnected']).optional(),
    bytesIn: z.number().optional().describe('from its client, in all'),
    bytesOut: z.number().optional().describe('to its client, in all'),
    bytesInPerS: z.number().optional(),
    bytesOutPerS: z.number().optional(),
    packetsLost: z.number().optional(),
  })
  .nullable()
  .meta({
    id: 'EndpointSight',
    description: 'an endpoint as its media server sees it; null when there is none',
  });

const Diagnosis = z
  .object({
    session: z.string(),
    room: z.string(),
    role: z.enum(['presenter', 'viewer']),
    trace: z.string().nullable().describe('finds its lines in the logs of every process'),
    isOver: z.boolean(),
    node: z.string().nullable(),
    server: z.string().nullable(),
    verdict: z.object({ code: z.string(), words: z.string() }),
    events: z
      .array(
        z.object({
          at: z.iso.datetime(),
          what: z.string(),
          node: z.string(),
          detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
        }),
      )
      .describe('the last things that happened to it, in order'),
    endpoint: Endpoint,
    presenterEndpoint: Endpoint,
  })
  .meta({ id: 'Diagnosis', description: 'why a session has a picture, or none' });

export const diagnosisRoutes = (ports: AdminPorts): Route[] => [
  route({
    access: 'read',
    method: 'get',
    path: '/v1/sessions/:session/diagnosis',
    summary:
      'Why a session has no picture: what happened to it, what the media server sees, a verdict. Takes a second',
    params: z.object({ session: z.string().max(64).transform(asSessionId) }),
    answer: Diagnosis,
    problems: ['session-unknown'],
    async handle({ params: { session: id } }) {
      const { journal, rooms, registry, inspector } = ports;
      const noted = (await journal.read(id)).at(-1);
      const found = await findSession(ports, id, noted?.room);
      if (!noted && !found) throw new Problem('session-unknown');
      const name = found?.room ?? RoomName.parse(noted?.room);
      const session = found?.session ?? null;
      const view = await rooms.read(name);
      const source = view.presenter ? view.sessions.get(view.presenter)?.media : undefined;
      const look = (ref: EndpointRef | null | undefined) => (ref ? sightOf(inspector, ref) : null);
      const [own, presenter, live] = await Promise.all([look(session?.media), look(source), registry.live()]);
      // Nodes write it a moment later: what led to what was just seen is in it by now.
      const entries = await journal.read(id);
      const isNodeLive = session !== null && live.includes(session.node);
      const facts = { nowMs: Date.now(), session, entries, room: view, isNodeLive, own, presenter };
      return {
        session: id,
        room: name,
        role: session?.role ?? noted?.role ?? 'viewer',
        trace: session?.trace ?? noted?.trace ?? null,
        isOver: session === null,
        node: session?.node ?? noted?.node ?? null,
        server: session?.media?.server ?? null,
        verdict: verdictOf(facts),
        events: entries.map(({ atMs, what, node, detail }) => ({
          at: new Date(atMs).toISOString(),
          ...{ what, node },
          ...(detail && { detail }),
        })),
        endpoint: shown(own),
        presenterEndpoint: shown(presenter),
      };
    },
  }),
];

function shown(sight: EndpointSight | null) {
  if (sight?.state !== 'seen') return sight;
  const { state, figures, ...rates } = sight;
  return { state, ...figures, ...rates };
}
