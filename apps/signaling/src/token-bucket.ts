/** So many at once, so many a second after that. The clock is an argument: any ms that only grow. */
export class TokenBucket {
  private tokens: number;
  private atMs: number | undefined;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
  }

  /** 0 when one was taken; otherwise how long until there is one, in ms. */
  take(nowMs: number): number {
    const sinceMs = nowMs - (this.atMs ?? nowMs);
    this.atMs = nowMs;
    this.tokens = Math.min(this.burst, this.tokens + (sinceMs / 1_000) * this.perSecond);
    if (this.tokens < 1) return Math.ceil(((1 - this.tokens) / this.perSecond) * 1_000);
    this.tokens -= 1;
    return 0;
  }
}
