import { z } from 'zod';

/** UTF-16 units of one message. */
export const maxChatLength = 500;

/**
 * Control characters other than a line break, halves of a surrogate pair, and what turns the direction of all text
 * that follows: nothing that a person types, and each a way to spoil the page of somebody else.
 */
const plainText = /^(?:\n|[^\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069])*$/u;

/** Chosen by the client, once for each request: the same one again is the same request. */
export const ClientId = z.string().regex(/^[\w-]{1,64}$/, 'must be 1-64 characters of A-Z a-z 0-9 _ -');

/** What people write, and are shown: always as text, never as markup. */
export const ChatText = z
  .string()
  .max(maxChatLength)
  .regex(/\S/, 'must not be empty')
  .regex(plainText, 'must not contain control characters');

/**
 * Client → server, `manycast.v1`: say something in the room. Answered by `chatAccepted`, or by `error` with the same
 * `clientId`; sent again with the same `clientId` it is not said again.
 */
export const Chat = z.object({ id: z.literal('chat'), clientId: ClientId, text: ChatText });
export type Chat = z.infer<typeof Chat>;

/** Server → client: it was said, as entry `offset` of the log `epoch`. */
export interface ChatAccepted {
  id: 'chatAccepted';
  clientId: string;
  epoch: string;
  offset: number;
  atMs: number;
}

/**
 * Server → client: one entry of the chat's log, in order, each once. `offset` grows by one with each: a jump means that
 * some were left out for a slow socket, and are to be had with `chatHistory`. Another `epoch` is another log: the
 * room was opened anew. `atMs`: Unix ms, the server's; `intoMs`: ms since the broadcast began.
 */
export type ChatEntryMessage = { id: 'chat' } & ChatEntryFields;

export type ChatEntryFields = { epoch: string; offset: number; atMs: number; intoMs: number } & ChatContent;

/** `from`, `by` and `session` name sessions; `by` is null where it was an operator. */
export type ChatContent =
  | {
      type: 'message';
      from: string;
      /** What the sender's token calls it. */
      name: string | null;
      isModerator: boolean;
      clientId: string;
      /** Null once it was deleted. */
      text: string | null;
    }
  | { type: 'deleted'; by: string | null; target: number }
  | { type: 'muted'; by: string | null; session: string; untilMs: number | null }
  | { type: 'unmuted' | 'kicked' | 'banned' | 'unbanned'; by: string | null; session: string }
  | { type: 'slow-mode'; by: string | null; intervalMs: number }
  | { type: 'closed'; by: string | null }
  /** The broadcast is over; the chat is open until `closesAtMs`, Unix ms. */
  | { type: 'ended'; closesAtMs: number };
