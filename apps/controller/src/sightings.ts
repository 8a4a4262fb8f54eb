/** Something that looks wrong. Many such things are only under way; what is still there after `afterMs` is wrong. */
export interface Suspicion {
  /** The same thing has the same key in every look. */
  key: string;
  /** 0: already when it is first seen. */
  afterMs: number;
  /** When it is still there after it was acted upon, it is acted upon again after this long; default `afterMs`. */
  repeatMs?: number;
}

/** How long things have looked wrong. What is not seen in one look begins anew. */
export class Sightings {
  private since = new Map<string, number>();

  /** To be called once per look, with all that is seen. Returns what has lasted; the caller acts upon it now. */
  ripe<S extends Suspicion>(seen: Iterable<S>, nowMs: number): S[] {
    const next = new Map<string, number>();
    const ripe: S[] = [];
    for (const suspicion of seen) {
      const { key, afterMs, repeatMs = afterMs } = suspicion;
      const sinceMs = this.since.get(key) ?? nowMs;
      const isRipe = nowMs - sinceMs >= afterMs;
      if (isRipe) ripe.push(suspicion);
      next.set(key, isRipe ? nowMs + repeatMs - afterMs : sinceMs);
    }
    this.since = next;
    return ripe;
  }

  /** Everything begins anew. */
  clear(): void {
    this.since.clear();
  }
}
