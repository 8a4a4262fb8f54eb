import { z } from 'zod';
import { ClientId } from './chat.js';

/** Client → server, `manycast.v1`, of a presenter or a moderator: who is there. `after`: `next` of the page before. */
export const Roster = z.object({
  id: z.literal('roster'),
  clientId: ClientId,
  after: z
    .string()
    .regex(/^\d{1,20}$/, 'must be `next` of the page before')
    .optional(),
  limit: z.number().int().min(1).max(200).default(50),
});
export type Roster = z.infer<typeof Roster>;

/** Server → client: about as many as were asked for. One who comes or goes meanwhile may be missing, or be there twice. */
export interface RosterMessage {
  id: 'roster';
  clientId: string;
  members: RosterMember[];
  /** Null on the last page. */
  next: string | null;
}

export interface RosterMember {
  session: string;
  role: 'presenter' | 'viewer';
  /** What its token calls it. */
  name: string | null;
  isModerator: boolean;
  /** Without a socket at the moment. */
  isAway: boolean;
  isMuted: boolean;
}
