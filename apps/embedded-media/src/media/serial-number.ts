/** How far `a` is after `b` on a 16-bit circle: negative when it is before (RFC 1982). */
export function sequenceDistance(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** How far `a` is after `b` on a 32-bit circle, in RTP timestamp units. */
export function timestampDistance(a: number, b: number): number {
  return (a - b) | 0;
}
