import type { Codec } from './codec.js';
import { isKeyframeStart } from './keyframe.js';

const FIXED_HEADER_BYTES = 12;

/**
 * One packet as it came from its sender. The header bytes of `buffer` are scratch space: every send
 * overwrites them with the receiving peer's numbers, so the sender's are kept here.
 */
export interface RtpPacket {
  readonly buffer: Buffer;
  readonly ssrc: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly isMarked: boolean;
  /** Where the payload begins and ends (padding excluded) in `buffer`. */
  readonly payloadStart: number;
  readonly payloadEnd: number;
  readonly codec: Codec;
  readonly isKeyframeStart: boolean;
}

/** RFC 5761 4: with rtcp-mux these are RTCP, everything else is RTP. */
export function isRtcp(buffer: Buffer): boolean {
  const type = (buffer[1] ?? 0) & 0x7f;
  return type >= 64 && type <= 95;
}

export function payloadTypeOf(buffer: Buffer): number {
  return (buffer[1] ?? 0) & 0x7f;
}

/** RFC 3550 5.1; undefined when the packet is cut short or contradicts itself. */
export function parseRtp(buffer: Buffer, codec: Codec): RtpPacket | undefined {
  if (buffer.length < FIXED_HEADER_BYTES) return undefined;
  const first = buffer[0] as number;
  if (first >> 6 !== 2) return undefined;
  let payloadStart = FIXED_HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (buffer.length < payloadStart + 4) return undefined;
    payloadStart += 4 + buffer.readUInt16BE(payloadStart + 2) * 4;
  }
  let payloadEnd = buffer.length;
  if ((first & 0x20) !== 0) payloadEnd -= buffer[buffer.length - 1] as number;
  if (payloadStart > payloadEnd) return undefined;
  return {
    buffer,
    ssrc: buffer.readUInt32BE(8),
    sequenceNumber: buffer.readUInt16BE(2),
    timestamp: buffer.readUInt32BE(4),
    isMarked: ((buffer[1] as number) & 0x80) !== 0,
    payloadStart,
    payloadEnd,
    codec,
    isKeyframeStart: isKeyframeStart(codec, buffer, payloadStart, payloadEnd),
  };
}

/** Writes what differs from peer to peer into the packet's own buffer. */
export function writeRtpHeader(
  packet: RtpPacket,
  payloadType: number,
  sequenceNumber: number,
  timestamp: number,
  ssrc: number,
): void {
  const { buffer } = packet;
  buffer[1] = packet.isMarked ? payloadType | 0x80 : payloadType;
  buffer[2] = sequenceNumber >> 8;
  buffer[3] = sequenceNumber & 0xff;
  buffer[4] = timestamp >>> 24;
  buffer[5] = (timestamp >>> 16) & 0xff;
  buffer[6] = (timestamp >>> 8) & 0xff;
  buffer[7] = timestamp & 0xff;
  buffer[8] = ssrc >>> 24;
  buffer[9] = (ssrc >>> 16) & 0xff;
  buffer[10] = (ssrc >>> 8) & 0xff;
  buffer[11] = ssrc & 0xff;
}
