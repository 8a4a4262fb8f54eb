import type { NtpTime } from './ntp-time.js';
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
  SENDER_REPORT,
  SOURCE_DESCRIPTION,
  TRANSPORT_FEEDBACK,
} from './rtcp-message.js';

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
