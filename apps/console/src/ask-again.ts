const firstDelayMs = 1_500;
const longestDelayMs = 8_000;

/**
 * How long a viewer waits before it asks for a presenter once more; unit: milliseconds. Spread over half of the
 * delay, so that an audience that came together does not ask together.
 */
export function askAgainDelayMs(timesAsked: number, random: () => number = Math.random): number {
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 1.5 ** timesAsked);
  return delayMs * (0.5 + random() / 2);
}
