import {
  BYE,
  FORMAT_APPLICATION,
  FORMAT_FIR,
  FORMAT_NACK,
  FORMAT_PLI,
  PAYLOAD_FEEDBACK,
  RECEIVER_REPORT,
  REMB_ID,
  type ReportBlock,
  type RtcpMessage,
  SENDER_REPORT,
  TRANSPORT_FEEDBACK,
} from './rtcp-message.js';

/** Every message of a compound packet that means something here; stops at the first that is cut short. */
export function parseRtcp(buffer: Buffer): RtcpMessage[] {
  const messages: RtcpMessage[] = [];
  for (let at = 0; at + 4 <= buffer.length; ) {
    const first = buffer[at] as number;
    const end = at + 4 + buffer.readUInt16BE(at + 2) * 4;
    if (first >> 6 !== 2 || end > buffer.length) break;
    const message = parseOne(buffer.subarray(at, end), first & 0x1f, buffer[at + 1] as number);
    if (message) messages.push(message);
    at = end;
  }
  return messages;
}

function parseOne(packet: Buffer, count: number, type: number): RtcpMessage | undefined {
  switch (type) {
    case SENDER_REPORT:
      if (packet.length < 28) return undefined;
      return {
        type: 'sender-report',
        ssrc: packet.readUInt32BE(4),
        ntp: { seconds: packet.readUInt32BE(8), fraction: packet.readUInt32BE(12) },
        rtpTimestamp: packet.readUInt32BE(16),
        packets: packet.readUInt32BE(20),
        octets: packet.readUInt32BE(24),
        reports: parseReports(packet, 28, count),
      };
    case RECEIVER_REPORT:
      if (packet.length < 8) return undefined;
      return {
        type: 'receiver-report',
        ssrc: packet.readUInt32BE(4),
        reports: parseReports(packet, 8, count),
      };
    case BYE: {
      const ssrcs: number[] = [];
      for (let i = 0; i < count && 8 + i * 4 <= packet.length; i++)
        ssrcs.push(packet.readUInt32BE(4 + i * 4));
      return { type: 'bye', ssrcs };
    }
    case TRANSPORT_FEEDBACK:
      return count === FORMAT_NACK ? parseNack(packet) : undefined;
    case PAYLOAD_FEEDBACK:
      return parsePayloadFeedback(packet, count);
    default:
      return undefined;
  }
}

function parseReports(packet: Buffer, start: number, count: number): ReportBlock[] {
  const reports: ReportBlock[] = [];
  for (let i = 0, at = start; i < count && at + 24 <= packet.length; i++, at += 24) {
    reports.push({
      ssrc: packet.readUInt32BE(at),
      fractionLost: (packet[at + 4] as number) / 256,
      packetsLost: packet.readIntBE(at + 5, 3),
      extendedSequence: packet.readUInt32BE(at + 8),
      jitter: packet.readUInt32BE(at + 12),
      lastSr: packet.readUInt32BE(at + 16),
      delaySinceLastSr: packet.readUInt32BE(at + 20),
    });
  }
  return reports;
}

/** RFC 4585 6.2.1. */
function parseNack(packet: Buffer): RtcpMessage | undefined {
  if (packet.length < 16) return undefined;
  const sequenceNumbers: number[] = [];
  for (let at = 12; at + 4 <= packet.length; at += 4) {
    const first = packet.readUInt16BE(at);
    const following = packet.readUInt16BE(at + 2);
    sequenceNumbers.push(first);
    for (let bit = 0; bit < 16; bit++) {
      if ((following & (1 << bit)) !== 0) sequenceNumbers.push((first + bit + 1) & 0xffff);
    }
  }
  return { type: 'nack', mediaSsrc: packet.readUInt32BE(8), sequenceNumbers };
}

function parsePayloadFeedback(packet: Buffer, format: number): RtcpMessage | undefined {
  if (packet.length < 12) return undefined;
  switch (format) {
    case FORMAT_PLI:
      return { type: 'pli', mediaSsrc: packet.readUInt32BE(8) };
    case FORMAT_FIR:
      // RFC 5104 4.3.1: the medium is named in the entry, the common field is 0.
      return packet.length < 20 ? undefined : { type: 'fir', mediaSsrc: packet.readUInt32BE(12) };
    case FORMAT_APPLICATION:
      return parseRemb(packet);
    default:
      return undefined;
  }
}

/** draft-alvestrand-rmcat-remb-03 2.2. */
function parseRemb(packet: Buffer): RtcpMessage | undefined {
  if (packet.length < 20 || packet.readUInt32BE(12) !== REMB_ID) return undefined;
  const exponent = (packet[17] as number) >> 2;
  const mantissa = (((packet[17] as number) & 0x03) << 16) | packet.readUInt16BE(18);
  const ssrcs: number[] = [];
  for (let i = 0, at = 20; i < (packet[16] as number) && at + 4 <= packet.length; i++, at += 4) {
    ssrcs.push(packet.readUInt32BE(at));
  }
  return { type: 'remb', bitrateBps: mantissa * 2 ** exponent, ssrcs };
}
