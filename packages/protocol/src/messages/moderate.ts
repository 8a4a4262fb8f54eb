import { z } from 'zod';
import { ClientId } from './chat.js';

const session = z.string().min(1).max(64);

/**
 * What keeps order in a room. `mute`, `kick` and `ban` are about a session that is there and does not present; they
 * bind the identity of its token where it has one, the session otherwise. `forMs` null: until it is unmuted.
 */
export const ModerationAct = z.discriminatedUnion('type', [
  z.object({ type: z.literal('delete'), offset: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
  z.object({
    type: z.literal('mute'),
    session,
    forMs: z.number().int().min(1_000).max(31_536_000_000).nullable().default(null),
  }),
  z.object({ type: z.enum(['unmute', 'kick', 'ban', 'unban']), session }),
  z.object({ type: z.literal('slow-mode'), intervalMs: z.number().int().min(0).max(3_600_000) }),
  z.object({ type: z.literal('close') }),
]);
export type ModerationAct = z.infer<typeof ModerationAct>;

/** Client → server, `manycast.v1`, of a presenter or a moderator. Answered by `moderated` or an `error` with its `clientId`. */
export const Moderate = z.object({ id: z.literal('moderate'), clientId: ClientId, act: ModerationAct });
export type Moderate = z.infer<typeof Moderate>;

/** Server → client: it is done, and noted in the chat's log. */
export interface Moderated {
  id: 'moderated';
  clientId: string;
}
