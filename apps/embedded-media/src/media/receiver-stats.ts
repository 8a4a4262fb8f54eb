import type { ReportBlock } from './rtcp-message.js';
import { sequenceDistance, timestampDistance } from './serial-number.js';

/** A jump further than this is a restarted sender, not loss (RFC 3550 A.1, MAX_DROPOUT). */
const MAX_JUMP = 3000;

/** What RFC 3550 wants a receiver to know of one sender: appendices A.1, A.3 and A.8. */
export class ReceiverStats {
  packets = 0;
  bytes = 0;
  /** In the last report's interval, 0..1. */
  fractionLost = 0;
  #baseSequence = 0;
  #maxSequence = -1;
  #cycles = 0;
  #sinceBase = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #jitter = 0;
  #lastTransit: number | undefined;
  #lastSr = 0;
  #lastSrAtMs = 0;

  constructor(
    readonly ssrc: number,
    private readonly clockRate: number,
  ) {}

  onPacket(sequenceNumber: number, timestamp: number, bytes: number, nowMs: number): void {
    this.packets += 1;
    this.bytes += bytes;
    this.#sinceBase += 1;
    const step = this.#maxSequence < 0 ? 0 : sequenceDistance(sequenceNumber, this.#maxSequence);
    if (this.#maxSequence < 0 || Math.abs(step) > MAX_JUMP) this.#restart(sequenceNumber);
    else if (step > 0) {
      if (sequenceNumber < this.#maxSequence) this.#cycles += 0x1_0000;
      this.#maxSequence = sequenceNumber;
    }
    this.#measureJitter(timestamp, nowMs, step >= 0);
  }

  onSenderReport(compactNtp: number, nowMs: number): void {
    this.#lastSr = compactNtp;
    this.#lastSrAtMs = nowMs;
  }

  get jitterMs(): number {
    return (this.#jitter / this.clockRate) * 1000;
  }

  get packetsLost(): number {
    return this.#maxSequence < 0 ? 0 : this.#expected() - this.#sinceBase;
  }

  /** Ends the report interval: the next fraction lost counts from here. */
  report(nowMs: number): ReportBlock {
    const expected = this.#expected();
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#sinceBase - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#sinceBase;
    this.fractionLost = expectedNow > 0 && lostNow > 0 ? lostNow / expectedNow : 0;
    return {
      ssrc: this.ssrc,
      fractionLost: this.fractionLost,
      packetsLost: this.packetsLost,
      extendedSequence: this.#cycles + Math.max(0, this.#maxSequence),
      jitter: Math.floor(this.#jitter),
      lastSr: this.#lastSr,
      delaySinceLastSr: this.#lastSr === 0 ? 0 : Math.floor(((nowMs - this.#lastSrAtMs) / 1000) * 65_536),
    };
  }

  #expected(): number {
    return this.#cycles + this.#maxSequence - this.#baseSequence + 1;
  }

  #restart(sequenceNumber: number): void {
    this.#baseSequence = sequenceNumber;
    this.#maxSequence = sequenceNumber;
    this.#cycles = 0;
    this.#sinceBase = 1;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
  }

  #measureJitter(timestamp: number, nowMs: number, isInOrder: boolean): void {
    // Retransmissions arrive late on purpose; they say nothing about the path.
    if (!isInOrder) return;
    const transit = (Math.round((nowMs * this.clockRate) / 1000) - timestamp) | 0;
    if (this.#lastTransit !== undefined) {
      const difference = Math.abs(timestampDistance(transit, this.#lastTransit));
      this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#lastTransit = transit;
  }
}
