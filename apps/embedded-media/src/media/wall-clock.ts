/** Milliseconds since 1970 with fractions; unlike Date.now() it never steps when the system's clock is set. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}
