import { z } from 'zod';

const limit = { smallest: 1, largest: 500, usual: 100 };

/** The query of a list that may be long. */
export const Page = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, `must be a whole number from ${limit.smallest} to ${limit.largest}`)
    .transform(Number)
    .refine(
      value => value >= limit.smallest && value <= limit.largest,
      `must be a whole number from ${limit.smallest} to ${limit.largest}`,
    )
    .default(limit.usual)
    .describe(`how many at most, ${limit.smallest}-${limit.largest}; ${limit.usual} unless given`),
  after: z.string().max(256).default('').describe('`next` of the page before'),
});

/** The items that come after, by key, and the key to go on with; null at the end. Items may come and go in between. */
export function pageOf<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  { limit, after }: z.output<typeof Page>,
): { items: T[]; next: string | null } {
  const rest = [...items].filter(item => keyOf(item) > after).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return { items: page, next: rest.length > page.length && last !== undefined ? keyOf(last) : null };
}
