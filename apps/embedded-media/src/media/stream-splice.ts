import type { RtpPacket } from './rtp-packet.js';
import { sequenceDistance } from './serial-number.js';

/** For this many packets after a splice a number before its first one means the packets that were held back. */
const STRAGGLERS = 512;
/** The least time between the last packet of one source and the first of the next. */
const SPLICE_MS = 20;

/**
 * Numbers one outgoing stream: source number + offset = our number, on their circles. The offset changes
 * only where another source begins, and then so that the stream goes on without a break.
 */
export class StreamSplice {
  #sequenceOffset = 0;
  #timestampOffset = 0;
  #firstOfSource = 0;
  #sinceSplice = 0;
  #lastSequence: number;
  #lastTimestamp: number;
  #lastAtMs: number | undefined;

  constructor(
    private readonly clockRate: number,
    random: () => number = Math.random,
  ) {
    // Below half: SRTP's roll-over counter must not be in doubt at the start (RFC 3711 3.3.1).
    this.#lastSequence = Math.floor(random() * 0x7fff);
    this.#lastTimestamp = Math.floor(random() * 0x1_0000_0000);
  }

  get hasSent(): boolean {
    return this.#lastAtMs !== undefined;
  }

  /** Makes `packet` the first of its source. */
  begin(packet: RtpPacket, nowMs: number): void {
    const pauseMs = this.#lastAtMs === undefined ? 0 : Math.max(SPLICE_MS, nowMs - this.#lastAtMs);
    const timestamp = this.#lastTimestamp + Math.round((pauseMs * this.clockRate) / 1000);
    this.#sequenceOffset = (this.#lastSequence + 1 - packet.sequenceNumber) & 0xffff;
    this.#timestampOffset = (timestamp - packet.timestamp) >>> 0;
    this.#firstOfSource = packet.sequenceNumber;
    this.#sinceSplice = 0;
  }

  sequence(sourceSequence: number): number {
    return (sourceSequence + this.#sequenceOffset) & 0xffff;
  }

  sourceSequence(sequence: number): number {
    return (sequence - this.#sequenceOffset) & 0xffff;
  }

  timestamp(sourceTimestamp: number): number {
    return (sourceTimestamp + this.#timestampOffset) >>> 0;
  }

  /** From before the first packet of this source: never part of the stream. */
  isStraggler(sourceSequence: number): boolean {
    return this.#sinceSplice < STRAGGLERS && sequenceDistance(sourceSequence, this.#firstOfSource) < 0;
  }

  onSent(packet: RtpPacket, nowMs: number): void {
    this.#sinceSplice += 1;
    const sequence = this.sequence(packet.sequenceNumber);
    if (this.#lastAtMs === undefined || sequenceDistance(sequence, this.#lastSequence) > 0) {
      this.#lastSequence = sequence;
      this.#lastTimestamp = this.timestamp(packet.timestamp);
    }
    this.#lastAtMs = nowMs;
  }
}
