/** What a publisher may send when nobody set a limit. */
const DEFAULT_MAX_BPS = 2_500_000;
/** Below this no picture is worth sending, whatever the loss. */
const FLOOR_BPS = 100_000;

/** As in libwebrtc's loss-based control: more than 10 % is congestion, less than 2 % is noise. */
const HIGH_LOSS = 0.1;
const LOW_LOSS = 0.02;
const GROWTH_PER_REPORT = 1.08;

/**
 * How much video a publisher is told it may send (REMB). Only loss on its own path lowers it: what
 * single viewers lose is their affair, or one bad line would spoil the broadcast for all.
 */
export class RembEstimate {
  #maxBps = DEFAULT_MAX_BPS;
  #minBps = 0;
  #estimateBps = DEFAULT_MAX_BPS;

  /** 0 or less removes the limit. */
  setMaxKbps(kbps: number): void {
    this.#maxBps = kbps > 0 ? kbps * 1000 : DEFAULT_MAX_BPS;
    this.#estimateBps = this.#maxBps;
  }

  setMinKbps(kbps: number): void {
    this.#minBps = Math.max(0, kbps * 1000);
  }

  get bitrateBps(): number {
    return Math.min(this.#maxBps, Math.max(this.#estimateBps, this.#minBps, FLOOR_BPS));
  }

  onReport(fractionLost: number): void {
    if (fractionLost > HIGH_LOSS) this.#estimateBps = this.bitrateBps * (1 - 0.5 * fractionLost);
    else if (fractionLost < LOW_LOSS) {
      this.#estimateBps = Math.min(this.#maxBps, this.bitrateBps * GROWTH_PER_REPORT);
    }
  }
}
