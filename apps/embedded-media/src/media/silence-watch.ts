/** Browsers report about once a second, audio alone at least every 7.5 s (RFC 3550: 5 s ± half). */
const MIN_SILENCE_MS = 8000;
const MAX_SILENCE_MS = 20_000;
/** Silence is counted in multiples of the longest pause this peer has shown. */
const PAUSES = 3;
const MIN_REPORTS = 5;
/** A report this soon after one of ours may be nothing but the answer to it. */
const ANSWER_MS = 2500;

/**
 * Notices a peer that vanished without a word. ICE consent expires only after 30 s (RFC 7675), but a
 * browser's RTCP comes about every second for as long as it lives, whether media flows or not. How long
 * a pause is too long is learned from the peer itself.
 *
 * Peers differ: some report only in answer to our reports, some never. So a peer is held to be gone
 * only if it used to report by itself, or no longer answers; otherwise ICE has the last word.
 */
export class SilenceWatch {
  #heardAtMs: number | undefined;
  #longestPauseMs = 0;
  #reports = 0;
  #ownReports = 0;
  #promptedAtMs = Number.NEGATIVE_INFINITY;

  /** Anything from the peer. */
  onPacket(nowMs: number): void {
    if (this.#heardAtMs !== undefined) {
      this.#longestPauseMs = Math.max(this.#longestPauseMs, nowMs - this.#heardAtMs);
    }
    this.#heardAtMs = nowMs;
  }

  /** A sender or receiver report from the peer. */
  onReport(nowMs: number): void {
    this.#reports += 1;
    if (nowMs - this.#promptedAtMs > ANSWER_MS) this.#ownReports += 1;
  }

  /** We have sent the peer a sender report. */
  onPrompt(nowMs: number): void {
    this.#promptedAtMs = nowMs;
  }

  /** RTCP BYE: from here on silence is no surprise. */
  onGoodbye(): void {
    this.#longestPauseMs = 0;
    this.#reports = 0;
    this.#ownReports = 0;
  }

  /** Nothing comes any more. */
  isSilent(nowMs: number): boolean {
    if (this.#heardAtMs === undefined) return false;
    const patienceMs = Math.min(MAX_SILENCE_MS, Math.max(MIN_SILENCE_MS, PAUSES * this.#longestPauseMs));
    return nowMs - this.#heardAtMs > patienceMs;
  }

  /** Nothing comes any more from a peer that would have said something. */
  isGone(nowMs: number): boolean {
    const isPrompted = nowMs - this.#promptedAtMs < ANSWER_MS;
    const wouldSpeak = this.#ownReports >= MIN_REPORTS || (isPrompted && this.#reports >= MIN_REPORTS);
    return wouldSpeak && this.isSilent(nowMs);
  }
}
