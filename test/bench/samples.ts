/** Of unsorted numbers; `part` 0.5 is the median. NaN of nothing. */
export function percentile(values: readonly number[], part: number): number {
  return at(ascending(values), part);
}

/** What each hundredth took at most, from 0 to 100 %; 0 of nothing. */
export function byShare(values: readonly number[]): number[] {
  const sorted = ascending(values);
  return Array.from({ length: 101 }, (_, part) => at(sorted, part / 100) || 0);
}

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

export const median = (values: readonly number[]): number => percentile(values, 0.5);
