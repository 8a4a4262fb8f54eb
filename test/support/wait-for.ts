import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  /** Default 5,000 ms. */
  timeoutMs?: number;
  /** Default 20 ms. */
  intervalMs?: number;
  /** Says what is there instead, for the failure message. */
  actual?: () => unknown;
}

/**
 * Asks `probe` again and again until it returns something truthy, and returns that.
 * A probe that throws counts as "not yet"; its last error becomes the cause of the failure.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 20, actual }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) break;
    await pause(intervalMs);
  }
  const instead = actual ? `; instead: ${describe(actual())}` : '';
  const because = cause instanceof Error ? `; last error: ${cause.message}` : '';
  throw new Error(`waited ${timeoutMs} ms for ${what}${instead}${because}`, { cause });
}

/** Fails as soon as `probe` is truthy within `durationMs`: for things that must not happen. */
export async function neverWithin(
  what: string,
  durationMs: number,
  probe: () => unknown | Promise<unknown>,
  intervalMs = 50,
): Promise<void> {
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    const value = await probe();
    if (value) throw new Error(`${what}, which must not happen: ${describe(value)}`);
    await pause(intervalMs);
  }
}

function describe(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}
