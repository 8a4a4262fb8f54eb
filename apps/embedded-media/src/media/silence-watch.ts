/** Browsers report at least every 1 s for video and every 7.5 s (5 s ± half) for audio alone. */
const MIN_SILENCE_MS = 8000;
const MAX_SILENCE_MS = 20_000;
/** Silence is counted in multiples of the longest pause this peer has shown. */
const PAUSES = 3;
const MIN_PACKETS = 5;

/**
 * Notices a peer that vanished without a word. ICE consent expires only after 30 s (RFC 7675), but a
 * living peer's RTP and RTCP never pause for long; how long is learned from the peer itself. A peer
 * that said goodbye (RTCP BYE), or never said much, is not judged.
 */
export class SilenceWatch {
  #packets = 0;
  #lastAtMs = 0;
  #longestPauseMs = 0;

  onPacket(nowMs: number): void {
    if (this.#packets > 0) this.#longestPauseMs = Math.max(this.#longestPauseMs, nowMs - this.#lastAtMs);
    this.#packets += 1;
    this.#lastAtMs = nowMs;
  }

  onGoodbye(): void {
    this.#packets = 0;
    this.#longestPauseMs = 0;
  }

  isSilent(nowMs: number): boolean {
    if (this.#packets < MIN_PACKETS) return false;
    const patienceMs = Math.min(MAX_SILENCE_MS, Math.max(MIN_SILENCE_MS, PAUSES * this.#longestPauseMs));
    return nowMs - this.#lastAtMs > patienceMs;
  }
}
