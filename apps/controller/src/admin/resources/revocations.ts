import type { Revocable } from '@manycast/core';
import { z } from 'zod';
import type { AdminPorts } from '../admin-ports.js';
import { type Route, route } from '../route.js';

/** Longer than any sensible token is good for. */
const keptDays = 30;
const dayMs = 86_400_000;

const name = z.string().min(1).max(128);
const Of = z
  .union([
    z.strictObject({ token: name.describe('its `jti`') }),
    z.strictObject({ identity: name.describe('its `sub`') }),
  ])
  .describe('one token, or every token that was issued to somebody until now');

export const revocationRoutes = ({ ledger }: AdminPorts): Route[] => [
  route({
    access: 'write',
    method: 'post',
    path: '/v1/revocations',
    summary:
      'Takes join tokens back: nobody enters or resumes with them, and who did is sent out within seconds',
    body: z.strictObject({
      of: Of,
      until: z.iso
        .datetime({ offset: true })
        .optional()
        .describe(`when the last of them has expired by itself; ${keptDays} days without it`),
    }),
    status: 201,
    answer: z.object({ of: Of, at: z.iso.datetime() }),
    async handle({ body: { of, until } }) {
      const untilMs = until === undefined ? Date.now() + keptDays * dayMs : Date.parse(until);
      const { atMs } = await ledger.revoke({ of: of as Revocable, untilMs });
      return { of, at: new Date(atMs).toISOString() };
    },
  }),
];
