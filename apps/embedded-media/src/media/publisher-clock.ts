import { type NtpTime, unixMsFromNtp } from './ntp-time.js';
import { timestampDistance } from './serial-number.js';

/** How fast the estimate gives way to a clock that drifts or a path that grew longer, per report. */
const DRIFT_GAIN = 0.05;

/**
 * Relates a publisher's clock to ours. One per publisher, shared by its media: whatever error it has is
 * the same for sound and picture, so they stay in step for every viewer.
 */
export class PublisherClock {
  #offsetMs: number | undefined;

  /** The report that came the fastest tells the offset best. */
  onSenderReport(ntp: NtpTime, nowMs: number): void {
    const sampleMs = nowMs - unixMsFromNtp(ntp);
    if (this.#offsetMs === undefined || sampleMs < this.#offsetMs) this.#offsetMs = sampleMs;
    else this.#offsetMs += (sampleMs - this.#offsetMs) * DRIFT_GAIN;
  }

  toLocalMs(ntp: NtpTime): number | undefined {
    return this.#offsetMs === undefined ? undefined : unixMsFromNtp(ntp) + this.#offsetMs;
  }
}

/** The last sender report of one medium: which RTP timestamp belongs to which instant. */
export class MediaClock {
  #last: { ntp: NtpTime; rtpTimestamp: number } | undefined;

  constructor(
    private readonly publisher: PublisherClock,
    private readonly clockRate: number,
  ) {}

  onSenderReport(ntp: NtpTime, rtpTimestamp: number, nowMs: number): void {
    const isBackwards =
      this.#last !== undefined && timestampDistance(rtpTimestamp, this.#last.rtpTimestamp) < 0;
    if (isBackwards) return;
    this.publisher.onSenderReport(ntp, nowMs);
    this.#last = { ntp, rtpTimestamp };
  }

  /** The publisher's RTP timestamp of an instant of our clock; undefined before its first report. */
  timestampAt(nowMs: number): number | undefined {
    const reportedAtMs = this.#last && this.publisher.toLocalMs(this.#last.ntp);
    if (this.#last === undefined || reportedAtMs === undefined) return undefined;
    return (this.#last.rtpTimestamp + Math.round(((nowMs - reportedAtMs) * this.clockRate) / 1000)) >>> 0;
  }

  reset(): void {
    this.#last = undefined;
  }
}
