/** How many of something each key has at the moment, and no more than `max` of it; 0: as many as it likes. */
export class CountByKey {
  private readonly counts = new Map<string, number>();

  constructor(private readonly max: number) {}

  /** False when the key has as many as it may have. */
  take(key: string): boolean {
    const count = this.counts.get(key) ?? 0;
    if (this.max > 0 && count >= this.max) return false;
    this.counts.set(key, count + 1);
    return true;
  }

  /** Once for each `take` that succeeded. */
  give(key: string): void {
    const count = (this.counts.get(key) ?? 0) - 1;
    if (count > 0) this.counts.set(key, count);
    else this.counts.delete(key);
  }
}
