/**
 * Turns any number of requests for a keyframe into at most one per interval: the first at once, those
 * that come within the interval as one at its end (unless a keyframe came meanwhile).
 */
export class PliThrottle {
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #isPending = false;

  constructor(private readonly intervalMs: number) {}

  /** True: send one now. */
  request(nowMs: number): boolean {
    this.#isPending = true;
    return this.due(nowMs);
  }

  /** To be asked again from a timer: true when a held-back request has its turn. */
  due(nowMs: number): boolean {
    if (!this.#isPending || nowMs - this.#lastAtMs < this.intervalMs) return false;
    this.#isPending = false;
    this.#lastAtMs = nowMs;
    return true;
  }

  onKeyframe(): void {
    this.#isPending = false;
  }
}
