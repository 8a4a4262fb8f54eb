import { z } from 'zod';

const whole = (least: number, most: number) => z.number().int().min(least).max(most);

/**
 * What whoever creates a room wants of it; each may be left out. Said by the join token of the presenter that opens it
 * (claim `options`), or beforehand through the admin API.
 */
export const OpeningOptions = z.strictObject({
  title: z.string().min(1).max(120).optional().describe('shown in the directory'),
  maxViewers: whole(1, 10_000_000).optional().describe('moderators come in all the same'),
  maxDurationMs: whole(1_000, 31_536_000_000).optional().describe('from going live; then it is closed'),
  slowModeMs: whole(0, 3_600_000).optional().describe('pause between two messages of one sender'),
  isListed: z.boolean().optional().describe('false: not in the directory'),
});
export type OpeningOptions = z.infer<typeof OpeningOptions>;
