import type { RoomDirectory } from '@manycast/core';
import { SignalError } from '@manycast/protocol';
import type { RequestHandler } from 'express';
import { z } from 'zod';

const Query = z.object({
  query: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(24),
  after: z
    .string()
    .regex(/^\d{1,9}$/, 'must be `next` of the page before')
    .optional(),
});

/** `GET /rooms?query=&limit=&after=`: live rooms as JSON, those with most viewers first. */
export const directoryPage =
  (directory: RoomDirectory): RequestHandler =>
  async (request, response) => {
    const query = Query.safeParse(request.query);
    if (!query.success) {
      const [issue] = query.error.issues;
      const field = issue?.path.join('.') ?? 'query';
      response.status(400).json({ code: 'invalid-message', field, message: `${field}: ${issue?.message}` });
      return;
    }
    try {
      const { rooms, next, total } = await directory.list(query.data);
      // Everybody who opens the page within a second is answered with the same one where a proxy stands before it.
      response.set('cache-control', 'public, max-age=1').json({
        rooms: rooms.map(({ room, title, startedAtMs, viewers, presenterName, isPresenterAway }) => ({
          ...{ room, title, startedAtMs, viewers, isPresenterAway },
          presenter: presenterName,
        })),
        next,
        total,
      });
    } catch (thrown) {
      const { code, message, retryAfterMs } = SignalError.from(thrown);
      response.status(503).json({ code, message, ...(retryAfterMs && { retryAfterMs }) });
    }
  };
