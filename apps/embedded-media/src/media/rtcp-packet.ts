import type { NtpTime } from './ntp-time.js';

/** RFC 3550 6.4.1. */
export interface ReportBlock {
  ssrc: number;
  /** 0..1 since the previous report. */
  fractionLost: number;
  /** Signed: duplicates can make it negative. */
  packetsLost: number;
  /** The highest sequence number, with the count of wraps in the upper half. */
  extendedSequence: number;
  /** In RTP timestamp units. */
  jitter: number;
  /** Compact NTP of the last sender report, 0 before any. */
  lastSr: number;
  /** Since that report, in 1/65536 s. */
  delaySinceLastSr: number;
}

export type RtcpMessage =
  | {
      type: 'sender-report';
      ssrc: number;
      ntp: NtpTime;
      rtpTimestamp: number;
      packets: number;
      octets: number;
      reports: ReportBlock[];
    }
  | { type: 'receiver-report'; ssrc: number; reports: ReportBlock[] }
  | { type: 'bye'; ssrcs: number[] }
  | { type: 'nack'; mediaSsrc: number; sequenceNumbers: number[] }
  | { type: 'pli'; mediaSsrc: number }
  | { type: 'fir'; mediaSsrc: number }
  | { type: 'remb'; bitrateBps: number; ssrcs: number[] };

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const BYE = 203;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;

const FORMAT_NACK = 1;
const FORMAT_PLI = 1;
const FORMAT_FIR = 4;
const FORMAT_APPLICATION = 15;
const REMB_ID = 0x52454d42; // "REMB"

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

function withHeader(count: number, type: number, length: number): Buffer {
  const packet = Buffer.alloc(length);
  packet[0] = 0x80 | count;
  packet[1] = type;
  packet.writeUInt16BE(length / 4 - 1, 2);
  return packet;
}

function writeReports(packet: Buffer, start: number, reports: readonly ReportBlock[]): void {
  reports.forEach((report, i) => {
    const at = start + i * 24;
    packet.writeUInt32BE(report.ssrc, at);
    packet[at + 4] = Math.min(255, Math.floor(report.fractionLost * 256));
    packet.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, report.packetsLost)), at + 5, 3);
    packet.writeUInt32BE(report.extendedSequence >>> 0, at + 8);
    packet.writeUInt32BE(report.jitter >>> 0, at + 12);
    packet.writeUInt32BE(report.lastSr >>> 0, at + 16);
    packet.writeUInt32BE(report.delaySinceLastSr >>> 0, at + 20);
  });
}

export function buildReceiverReport(ssrc: number, reports: readonly ReportBlock[]): Buffer {
  const packet = withHeader(reports.length, RECEIVER_REPORT, 8 + reports.length * 24);
  packet.writeUInt32BE(ssrc, 4);
  writeReports(packet, 8, reports);
  return packet;
}

export interface SenderInfo {
  ssrc: number;
  ntp: NtpTime;
  rtpTimestamp: number;
  packets: number;
  octets: number;
}

export function buildSenderReport(info: SenderInfo, reports: readonly ReportBlock[]): Buffer {
  const packet = withHeader(reports.length, SENDER_REPORT, 28 + reports.length * 24);
  packet.writeUInt32BE(info.ssrc, 4);
  packet.writeUInt32BE(info.ntp.seconds, 8);
  packet.writeUInt32BE(info.ntp.fraction, 12);
  packet.writeUInt32BE(info.rtpTimestamp >>> 0, 16);
  packet.writeUInt32BE(info.packets >>> 0, 20);
  packet.writeUInt32BE(info.octets >>> 0, 24);
  writeReports(packet, 28, reports);
  return packet;
}

/** One chunk with one item, the CNAME (RFC 3550 6.5.1). */
export function buildSourceDescription(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname);
  const chunkBytes = Math.ceil((4 + 2 + name.length + 1) / 4) * 4;
  const packet = withHeader(1, SOURCE_DESCRIPTION, 4 + chunkBytes);
  packet.writeUInt32BE(ssrc, 4);
  packet[8] = 1;
  packet[9] = name.length;
  name.copy(packet, 10);
  return packet;
}

export function buildBye(ssrcs: readonly number[]): Buffer {
  const packet = withHeader(ssrcs.length, BYE, 4 + ssrcs.length * 4);
  ssrcs.forEach((ssrc, i) => {
    packet.writeUInt32BE(ssrc, 4 + i * 4);
  });
  return packet;
}

export function buildPli(senderSsrc: number, mediaSsrc: number): Buffer {
  const packet = withHeader(FORMAT_PLI, PAYLOAD_FEEDBACK, 12);
  packet.writeUInt32BE(senderSsrc, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}

/** `requestNumber` must change with every new request, or the sender takes it for a repetition. */
export function buildFir(senderSsrc: number, mediaSsrc: number, requestNumber: number): Buffer {
  const packet = withHeader(FORMAT_FIR, PAYLOAD_FEEDBACK, 20);
  packet.writeUInt32BE(senderSsrc, 4);
  packet.writeUInt32BE(mediaSsrc, 12);
  packet[16] = requestNumber & 0xff;
  return packet;
}

/** `sequenceNumbers` in ascending order, as far as a circle has one. */
export function buildNack(senderSsrc: number, mediaSsrc: number, sequenceNumbers: readonly number[]): Buffer {
  const entries: { first: number; following: number }[] = [];
  for (const sequenceNumber of sequenceNumbers) {
    const entry = entries.at(-1);
    const distance = entry ? (sequenceNumber - entry.first) & 0xffff : 0;
    if (entry && distance >= 1 && distance <= 16) entry.following |= 1 << (distance - 1);
    else entries.push({ first: sequenceNumber, following: 0 });
  }
  const packet = withHeader(FORMAT_NACK, TRANSPORT_FEEDBACK, 12 + entries.length * 4);
  packet.writeUInt32BE(senderSsrc, 4);
  packet.writeUInt32BE(mediaSsrc, 8);
  entries.forEach((entry, i) => {
    packet.writeUInt16BE(entry.first, 12 + i * 4);
    packet.writeUInt16BE(entry.following, 14 + i * 4);
  });
  return packet;
}

export function buildRemb(senderSsrc: number, bitrateBps: number, ssrcs: readonly number[]): Buffer {
  const packet = withHeader(FORMAT_APPLICATION, PAYLOAD_FEEDBACK, 20 + ssrcs.length * 4);
  packet.writeUInt32BE(senderSsrc, 4);
  packet.writeUInt32BE(REMB_ID, 12);
  let mantissa = Math.max(0, Math.floor(bitrateBps));
  let exponent = 0;
  while (mantissa > 0x3_ffff) {
    mantissa = Math.floor(mantissa / 2);
    exponent += 1;
  }
  packet[16] = ssrcs.length;
  packet[17] = (exponent << 2) | (mantissa >> 16);
  packet.writeUInt16BE(mantissa & 0xffff, 18);
  ssrcs.forEach((ssrc, i) => {
    packet.writeUInt32BE(ssrc, 20 + i * 4);
  });
  return packet;
}
