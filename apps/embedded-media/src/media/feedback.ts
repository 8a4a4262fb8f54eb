import type { InboundMedia, KeyframeRequest } from './inbound-media.js';
import type { OutboundMedia } from './outbound-media.js';
import type { RembEstimate } from './remb.js';
import {
  buildBye,
  buildFir,
  buildNack,
  buildPli,
  buildReceiverReport,
  buildRemb,
  buildSourceDescription,
} from './rtcp-build.js';
import type { ReportBlock } from './rtcp-message.js';

const REPORT_INTERVAL_MS = 1000;

interface FeedbackHost {
  send(packet: Buffer): boolean;
  /** A sender report went out: the peer may answer it. */
  onPrompt(nowMs: number): void;
}

interface Streams {
  inbound: readonly InboundMedia[];
  outbound: readonly OutboundMedia[];
}

/**
 * Writes the RTCP of one endpoint: sender and receiver reports with CNAME and REMB once a second, and
 * requests (NACK, PLI or FIR) at once. Every packet is a full compound (RFC 3550 6.1), so that no peer needs
 * reduced-size RTCP.
 */
export class Feedback {
  readonly #description: Buffer;
  #nextReportAtMs = 0;
  #firs = 0;

  constructor(
    /** Whom our feedback comes from. */
    private readonly ssrc: number,
    private readonly cname: string,
    private readonly streams: Streams,
    private readonly remb: RembEstimate,
    private readonly host: FeedbackHost,
  ) {
    this.#description = buildSourceDescription(ssrc, cname);
  }

  onTick(nowMs: number): void {
    if (nowMs < this.#nextReportAtMs) return;
    // RFC 3550 6.2: spread, or the reports of all endpoints fall into step.
    this.#nextReportAtMs = nowMs + REPORT_INTERVAL_MS * (0.8 + 0.4 * Math.random());
    for (const outbound of this.streams.outbound) this.sendSenderReport(outbound, nowMs);
    this.#reportReception(nowMs);
  }

  sendSenderReport(outbound: OutboundMedia, nowMs: number): void {
    const report = outbound.senderReport(nowMs);
    if (!report) return;
    this.host.send(Buffer.concat([report, buildSourceDescription(outbound.ssrc, this.cname)]));
    this.host.onPrompt(nowMs);
  }

  sendGoodbye(): void {
    this.#sendCompound([], buildBye(this.streams.outbound.map(outbound => outbound.ssrc)));
  }

  sendNack(mediaSsrc: number, sequenceNumbers: readonly number[]): void {
    this.#sendCompound([], buildNack(this.ssrc, mediaSsrc, sequenceNumbers));
  }

  sendKeyframeRequest(kind: KeyframeRequest, mediaSsrc: number): void {
    if (kind === 'pli') {
      this.#sendCompound([], buildPli(this.ssrc, mediaSsrc));
      return;
    }
    this.#firs += 1;
    this.#sendCompound([], buildFir(this.ssrc, mediaSsrc, this.#firs));
  }

  #reportReception(nowMs: number): void {
    const reports: ReportBlock[] = [];
    let videoSsrc: number | undefined;
    for (const inbound of this.streams.inbound) {
      const report = inbound.report(nowMs);
      if (!report) continue;
      reports.push(report);
      if (inbound.media !== 'VIDEO') continue;
      videoSsrc = report.ssrc;
      this.remb.onReport(report.fractionLost);
    }
    if (reports.length === 0) return;
    const remb =
      videoSsrc === undefined ? undefined : buildRemb(this.ssrc, this.remb.bitrateBps, [videoSsrc]);
    this.#sendCompound(reports, remb);
  }

  #sendCompound(reports: readonly ReportBlock[], feedback: Buffer | undefined): void {
    const parts = [buildReceiverReport(this.ssrc, reports), this.#description];
    if (feedback) parts.push(feedback);
    this.host.send(Buffer.concat(parts));
  }
}
