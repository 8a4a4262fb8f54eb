/** A burst may be this many seconds' worth: a browser tells all its candidates at once. */
const burstS = 10;

/** How fast one socket may speak: a bucket that fills with `perS` messages a second. */
export class MessageRate {
  private tokens: number;
  private filledAtMs: number;

  constructor(
    private readonly perS: number,
    private readonly now: () => number,
  ) {
    this.tokens = perS * burstS;
    this.filledAtMs = now();
  }

  /** 0 when the message may be read; otherwise the ms until the next one may. */
  take(): number {
    const nowMs = this.now();
    const filled = ((nowMs - this.filledAtMs) / 1_000) * this.perS;
    this.tokens = Math.min(this.perS * burstS, this.tokens + Math.max(0, filled));
    this.filledAtMs = nowMs;
    if (this.tokens < 1) return Math.ceil(((1 - this.tokens) / this.perS) * 1_000);
    this.tokens -= 1;
    return 0;
  }
}
