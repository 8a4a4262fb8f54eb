/**
 * Full jitter: a uniform delay between 0 and an exponentially growing ceiling, so that clients cut off together
 * do not come back together. `attempt` counts from 0.
 */
export function backoffMs(
  attempt: number,
  options: { baseMs: number; maxMs: number },
  random: () => number = Math.random,
): number {
  const ceilingMs = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random() * ceilingMs);
}
