import { z } from 'zod';
import { type ChatEntryFields, ClientId } from './chat.js';

/** Entries of one page. */
export const maxHistoryLimit = 100;

/**
 * Client → server, `manycast.v1`: entries of the chat's log, either the last ones before `before` (without it: the
 * newest), or the first ones after `after`. `epoch`: of which log; without it, the present one.
 */
export const ChatHistory = z.object({
  id: z.literal('chatHistory'),
  clientId: ClientId,
  epoch: z.string().max(64).optional(),
  before: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  after: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.number().int().min(1).max(maxHistoryLimit).default(50),
});
export type ChatHistory = z.infer<typeof ChatHistory>;

/** Server → client: a page of the log, in order, and how far the log reaches. */
export interface ChatHistoryPage {
  id: 'chatHistory';
  clientId: string;
  epoch: string;
  /** Oldest and newest entry that there is; both 0 in an empty log. */
  first: number;
  last: number;
  entries: ChatEntryFields[];
}
