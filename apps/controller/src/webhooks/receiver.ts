import { matches, webhookTypes } from '@manycast/core';
import { environmentName } from '@manycast/runtime';
import { z } from 'zod';

const ms = (min: number, max: number) => z.number().int().min(min).max(max);

/** Who is told of what happens in rooms. Addresses come from this file alone: no client and no API can name one. */
const receiverSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1-32 characters of a-z 0-9 -'),
  url: z
    .string()
    .max(2_048)
    .refine(isWebAddress, 'must be an http or https URL without user, password and fragment'),
  /** Every request is signed with each of them. */
  secrets: z
    .array(
      z
        .string()
        .min(16)
        .max(256)
        .regex(/^[!-~]+$/, 'must be printable and without spaces'),
    )
    .min(1)
    .max(4),
  events: z
    .array(
      z.string().refine(pattern => webhookTypes.some(type => matches(pattern, type)), {
        error: ({ input }) => `${input} matches no event; there are ${webhookTypes.join(', ')}`,
      }),
    )
    .min(1)
    .default(['*']),
  /** A request without an answer for this long has failed. */
  timeoutMs: ms(100, 60_000).default(10_000),
  /** What has not been delivered for this long when an attempt fails is given up. */
  giveUpAfterMs: ms(1_000, 604_800_000).default(86_400_000),
  /** The longest pause between two attempts. */
  retryMaxMs: ms(100, 3_600_000).default(300_000),
  /** Requests under way at a time, per controller. */
  concurrency: z.number().int().min(1).max(256).default(16),
});

export type Receiver = z.infer<typeof receiverSchema>;

const fileSchema = z.strictObject({
  receivers: z
    .array(receiverSchema)
    .max(16)
    .refine(
      receivers => new Set(receivers.map(({ id }) => id)).size === receivers.length,
      'has the same id twice',
    ),
});

/** All that is wrong with it, none of which repeats a secret. */
export function parseReceivers(text: string): { receivers: Receiver[]; problems: string[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { receivers: [], problems: ['is not JSON'] };
  }
  const result = fileSchema.safeParse(json);
  if (result.success) return { receivers: result.data.receivers, problems: [] };
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the file'}: ${message}`,
  );
  return { receivers: [], problems };
}

export const isWanted = ({ events }: Pick<Receiver, 'events'>, type: string): boolean =>
  events.some(pattern => matches(pattern, type));

export const fileSetting = environmentName('webhooksFile');

function isWebAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}
