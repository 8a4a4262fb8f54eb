import { SignalError } from '@manycast/protocol';
import { z } from 'zod';

/** Every refusal of the admin API: code → HTTP status and meaning. A resource that has one of its own adds a line. */
export const problemCodes = {
  // what the caller sent
  'invalid-parameter': { status: 400, meaning: 'a field is missing, unknown, or not what it may be' },
  'invalid-json': { status: 400, meaning: 'the body is not a JSON object' },
  'too-large': { status: 413, meaning: 'the body is over its size limit' },
  'not-json': { status: 415, meaning: 'a body is sent as content-type application/json' },
  // who the caller is
  unauthenticated: { status: 401, meaning: 'no token, or one that is not known' },
  forbidden: { status: 403, meaning: 'the token may read, not write' },
  'foreign-origin': { status: 403, meaning: 'an open admin API answers this machine only' },
  // what is not there
  'no-such-path': { status: 404, meaning: 'nothing is at this path' },
  'no-such-method': { status: 405, meaning: 'the path is not used with this method' },
  'room-unknown': { status: 404, meaning: 'no such room, or it ended an hour ago or longer' },
  'session-unknown': { status: 404, meaning: 'no such session, or it has ended' },
  'receiver-unknown': { status: 404, meaning: 'no such receiver of webhooks' },
  'dead-letter-unknown': { status: 404, meaning: 'no such dead letter, or it has been sent again' },
  'chat-unknown': { status: 404, meaning: 'the room has no chat, or it is not kept any more' },
  'not-found': { status: 404, meaning: 'what the order is about is not there' },
  'not-allowed': {
    status: 409,
    meaning: 'a presenter is not muted, kicked or banned: close the room instead',
  },
  'server-unknown': { status: 404, meaning: 'the pool has no such media server' },
  // what cannot be done with it
  'room-not-live': { status: 409, meaning: 'the room is not live, or its media is just being built' },
  'room-cannot-move': { status: 409, meaning: 'its presenter is a tutorial page, which cannot follow' },
  'server-not-up': { status: 409, meaning: 'the media server takes no rooms at the moment' },
  // what the cluster says
  unavailable: { status: 503, meaning: 'the cluster’s state is out of reach for the moment' },
  internal: { status: 500, meaning: 'a fault on the server’s side' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ProblemCode = keyof typeof problemCodes;

/** The body of every answer that is not a success. */
export const ProblemBody = z
  .object({
    code: z.enum(Object.keys(problemCodes) as [ProblemCode, ...ProblemCode[]]),
    message: z.string(),
    field: z.string().optional().describe('the parameter at fault, such as `limit` or `labels.zone`'),
    retryAfterMs: z.number().int().optional(),
  })
  .meta({ id: 'Problem', description: 'why it was not done' });

/** Thrown by a resource or by what stands before it; the one place that answers is `answer-problem.ts`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ProblemCode,
    options: { message?: string; field?: string; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(options.message ?? problemCodes[code].meaning, { cause: options.cause });
    this.field = options.field;
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return problemCodes[this.code].status;
  }

  /** Whatever was thrown, as a Problem: unknown things become `internal`, and keep themselves as the cause. */
  static from(thrown: unknown): Problem {
    if (thrown instanceof Problem) return thrown;
    if (thrown instanceof SignalError && thrown.code === 'unavailable')
      return new Problem('unavailable', { cause: thrown, retryAfterMs: thrown.retryAfterMs });
    // What express and its body parser say of a request that they cannot read.
    const { type, status } = thrown as { type?: unknown; status?: unknown };
    if (type === 'entity.too.large') return new Problem('too-large', { cause: thrown });
    if (type === 'entity.parse.failed') return new Problem('invalid-json', { cause: thrown });
    if (status === 400) return new Problem('invalid-parameter', { message: 'the address cannot be read' });
    if (typeof status === 'number' && status < 500)
      return new Problem('not-json', { message: 'the body cannot be read' });
    return new Problem('internal', { cause: thrown });
  }
}

/** The first thing that zod has against some input; `place` is where it came from. */
export function invalid(error: z.ZodError, place: string): Problem {
  const [issue] = error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const field = unknown ?? issue?.path.join('.');
  const message = unknown ? `${unknown}: no such field here` : `${field}: ${issue?.message}`;
  return new Problem(
    'invalid-parameter',
    field ? { field, message } : { message: `${place}: ${issue?.message}` },
  );
}
