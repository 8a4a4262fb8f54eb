/** What can happen to a participant. `ms`: how long it took, where that means something. */
export type Happening =
  | 'begun'
  | 'answered'
  | 'first-frame'
  | 'refused'
  | 'reconnecting'
  | 'resumed'
  | 'restarted'
  | 'media-back'
  | 'ended';

/** Everything that happened in a run, in order. */
export class Timeline {
  readonly entries: { atMs: number; what: Happening; ms?: number }[] = [];
  readonly kills: { atMs: number; pid: number; problem?: string }[] = [];
  /** Code of a refusal or an end → how often. */
  readonly codes = new Map<string, number>();
  private readonly startedAt = performance.now();

  get nowMs(): number {
    return performance.now() - this.startedAt;
  }

  note(what: Happening, ms?: number): void {
    this.entries.push({ atMs: this.nowMs, what, ...(ms !== undefined && { ms }) });
  }

  count(code: string): void {
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }

  timesOf(what: Happening): number[] {
    return this.entries.filter(entry => entry.what === what).map(({ ms }) => ms ?? Number.NaN);
  }

  countOf(what: Happening): number {
    return this.entries.filter(entry => entry.what === what).length;
  }

  /** How many in each second. */
  perSecond(what: Happening): number[] {
    const counts = new Array<number>(Math.ceil(this.nowMs / 1_000) + 1).fill(0);
    for (const entry of this.entries) {
      const second = Math.floor(entry.atMs / 1_000);
      if (entry.what === what) counts[second] = (counts[second] ?? 0) + 1;
    }
    return counts;
  }
}
