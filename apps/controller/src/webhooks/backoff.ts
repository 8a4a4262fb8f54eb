import { backoffMs } from '@manycast/runtime';

/** Half of it is certain, half is chance: lanes that failed together do not come back together. */
const firstMs = 1_000;

/** The pause after so many failures in a row; what the receiver asks for counts, up to the longest pause. */
export function pauseMs(
  failures: number,
  { retryMaxMs, retryAfterMs }: { retryMaxMs: number; retryAfterMs: number | null },
  random: () => number = Math.random,
): number {
  const half = { baseMs: Math.min(firstMs, retryMaxMs) / 2, maxMs: retryMaxMs / 2 };
  const ceilingMs = backoffMs(failures - 1, half, () => 1);
  const ownMs = ceilingMs + backoffMs(failures - 1, half, random);
  return Math.round(Math.max(ownMs, Math.min(retryAfterMs ?? 0, retryMaxMs)));
}
