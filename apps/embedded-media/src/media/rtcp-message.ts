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

export const SENDER_REPORT = 200;
export const RECEIVER_REPORT = 201;
export const SOURCE_DESCRIPTION = 202;
export const BYE = 203;
export const TRANSPORT_FEEDBACK = 205;
export const PAYLOAD_FEEDBACK = 206;

export const FORMAT_NACK = 1;
export const FORMAT_PLI = 1;
export const FORMAT_FIR = 4;
export const FORMAT_APPLICATION = 15;
export const REMB_ID = 0x52454d42; // "REMB"
