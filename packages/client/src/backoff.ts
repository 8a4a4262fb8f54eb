/** Returns a number in [0, 1), as Math.random does. */
export type Random = () => number;

export interface Backoff {
  baseMs: number;
  maxMs: number;
}

/** Between two nodes. The first retry is nearly at once: a killed node costs its audience nothing but this. */
export const reconnectBackoff: Backoff = { baseMs: 200, maxMs: 5_000 };
/** Between two offers of a session that has, or had, media. */
export const offerBackoff: Backoff = { baseMs: 500, maxMs: 8_000 };
/** Between two questions for a presenter that is not there. */
export const askBackoff: Backoff = { baseMs: 1_500, maxMs: 8_000 };

/** Full jitter: anywhere up to a ceiling that doubles with every attempt; unit: ms. `attempt` counts from 0. */
export const fullJitterMs = (attempt: number, { baseMs, maxMs }: Backoff, random: Random): number =>
  random() * Math.min(maxMs, baseMs * 2 ** attempt);

/**
 * Half of the ceiling is always waited for, and the rest is jitter; unit: ms. For questions that are worthless
 * when asked at once, put by an audience that came together.
 */
export function halfJitterMs(attempt: number, { baseMs, maxMs }: Backoff, random: Random): number {
  const ceilingMs = Math.min(maxMs, baseMs * 1.5 ** attempt);
  return ceilingMs * (0.5 + random() / 2);
}
