import type { RtpPacket } from './rtp-packet.js';

interface Slot {
  packet: RtpPacket;
  atMs: number;
}

/** The last packets of one sender, for the viewers that missed some. One per sender, not per viewer. */
export class RetransmitBuffer {
  readonly #slots: (Slot | undefined)[];

  constructor(
    capacity: number,
    private readonly maxAgeMs: number,
  ) {
    this.#slots = new Array(capacity);
  }

  add(packet: RtpPacket, nowMs: number): void {
    const at = packet.sequenceNumber % this.#slots.length;
    const slot = this.#slots[at];
    if (slot) {
      slot.packet = packet;
      slot.atMs = nowMs;
    } else this.#slots[at] = { packet, atMs: nowMs };
  }

  get(sequenceNumber: number, nowMs: number): RtpPacket | undefined {
    const slot = this.#slots[sequenceNumber % this.#slots.length];
    if (slot?.packet.sequenceNumber !== sequenceNumber) return undefined;
    return nowMs - slot.atMs <= this.maxAgeMs ? slot.packet : undefined;
  }

  clear(): void {
    this.#slots.fill(undefined);
  }
}
