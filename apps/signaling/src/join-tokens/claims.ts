import type { JoinToken } from '@manycast/core';
import { OpeningOptions, RoomPattern, SignalError } from '@manycast/protocol';
import { z } from 'zod';

const name = z.string().min(1).max(128);

/** The claims of a join token: those of RFC 7519, and ours. What else is in it belongs to the application. */
const Claims = z.object({
  exp: z.number(),
  iat: z.number().optional(),
  /** Without it a token cannot be revoked alone, nor be good for one time. */
  jti: name.optional(),
  sub: name.optional(),
  name: name.optional(),
  /** A room, or the beginning of some and `*`. */
  room: RoomPattern,
  roles: z
    .array(z.enum(['presenter', 'viewer']))
    .min(1)
    .default(['viewer']),
  moderator: z.boolean().default(false),
  chat: z.boolean().default(true),
  once: z.boolean().default(false),
  /** Of a room that its presenter opens with it. */
  options: OpeningOptions.optional(),
});

/** Throws SignalError `token-malformed`, naming the claim. `toleranceS`: by how much clocks may differ. */
export function readClaims(payload: unknown, toleranceS: number): JoinToken {
  const result = Claims.safeParse(payload);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw malformed(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { exp, iat, jti, sub, once, ...claims } = result.data;
  if (once && jti === undefined) throw malformed('jti: is required of a token for one time');
  return {
    id: jti ?? null,
    identity: sub ?? null,
    name: claims.name ?? null,
    rooms: claims.room,
    roles: claims.roles,
    isModerator: claims.moderator,
    mayChat: claims.chat,
    ...(claims.options && { options: claims.options }),
    isOneTime: once,
    issuedAtMs: iat === undefined ? null : iat * 1_000,
    expiresAtMs: (exp + toleranceS) * 1_000,
  };
}

const malformed = (message: string) =>
  new SignalError('token-malformed', { field: 'token', message: `token: ${message}` });
