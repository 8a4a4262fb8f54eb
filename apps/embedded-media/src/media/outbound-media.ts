import { type Codec, clockRates, mismatch } from './codec.js';
import type { MediaOutStats } from './endpoint-stats.js';
import { FlowWatch } from './flow-watch.js';
import type { InboundMedia, KeyframeRequest } from './inbound-media.js';
import type { Media } from './media-kinds.js';
import { ntpFromUnixMs } from './ntp-time.js';
import type { RemoteCodec } from './remote-description.js';
import { buildSenderReport } from './rtcp-build.js';
import type { ReportBlock } from './rtcp-message.js';
import { type RtpPacket, writeRtpHeader } from './rtp-packet.js';
import { StreamSplice } from './stream-splice.js';

const KEYFRAME_RETRY_MS = 1000;
/** After this long without a keyframe a broken picture is better than none: the decoder may manage. */
const KEYFRAME_PATIENCE_MS = 8000;

export interface OutboundHost {
  readonly isOpen: boolean;
  send(packet: Buffer): boolean;
  onFlow(media: Media, isFlowing: boolean): void;
}

/**
 * One medium of what we send a peer: a stream of our own (SSRC, sequence, timestamps without breaks)
 * into which the packets of whatever source is connected are spliced.
 *
 * ```
 * waiting --keyframe (or audio)--> flowing --source gone or restarted--> waiting
 * ```
 * While waiting for a keyframe nothing is sent, and the source is asked for one again and again.
 */
export class OutboundMedia {
  readonly #flow: FlowWatch;
  readonly #clockRate: number;
  #source: InboundMedia | undefined;
  #codecs: readonly RemoteCodec[] = [];
  #lastCodec: Codec | undefined;
  #payloadType = -1;
  #isWaiting = true;
  #waitingSinceMs = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  readonly #splice: StreamSplice;
  #peerReport: ReportBlock | undefined;
  readonly #counters = {
    packets: 0,
    bytes: 0,
    octets: 0,
    retransmitted: 0,
    dropped: 0,
    nacks: 0,
    plis: 0,
    firs: 0,
  };

  constructor(
    readonly media: Media,
    readonly ssrc: number,
    private readonly host: OutboundHost,
  ) {
    this.#clockRate = media === 'AUDIO' ? clockRates.opus : clockRates.VP8;
    this.#flow = new FlowWatch(isFlowing => host.onFlow(media, isFlowing));
    this.#splice = new StreamSplice(this.#clockRate);
  }

  get isFlowing(): boolean {
    return this.#flow.isFlowing;
  }

  get source(): InboundMedia | undefined {
    return this.#source;
  }

  /** The codecs this peer can be sent; none until it is negotiated, or when it does not receive. */
  setCodecs(codecs: readonly RemoteCodec[]): void {
    this.#codecs = codecs;
    this.#lastCodec = undefined;
  }

  connect(source: InboundMedia, nowMs: number): void {
    if (this.#source === source) return;
    this.disconnect();
    this.#source = source;
    source.addSink(this);
    this.#wait(nowMs);
    this.onTick(nowMs);
  }

  disconnect(): void {
    this.#source?.removeSink(this);
    this.onSourceGone();
  }

  onSourceGone(): void {
    this.#source = undefined;
    this.#isWaiting = true;
    this.#flow.stop();
  }

  onSourceRestarted(): void {
    this.#isWaiting = true;
    this.#waitingSinceMs = 0;
  }

  forward(packet: RtpPacket, nowMs: number): void {
    if (!this.host.isOpen) return;
    const payloadType = this.#payloadTypeOf(packet.codec);
    if (payloadType < 0) {
      this.#counters.dropped += 1;
      return;
    }
    if (this.#isWaiting) {
      if (!this.#mayStartWith(packet, nowMs)) {
        this.#counters.dropped += 1;
        return;
      }
      this.#splice.begin(packet, nowMs);
      this.#isWaiting = false;
      this.#waitingSinceMs = 0;
    }
    if (this.#splice.isStraggler(packet.sequenceNumber)) return;
    if (!this.#send(packet, payloadType)) {
      this.#counters.dropped += 1;
      return;
    }
    this.#splice.onSent(packet, nowMs);
    this.#counters.packets += 1;
    this.#counters.bytes += packet.buffer.length;
    this.#counters.octets += packet.payloadEnd - packet.payloadStart;
    this.#flow.onPacket(nowMs);
  }

  /** Answers a NACK from the source's history: the same packet again, on the same stream. */
  retransmit(sequenceNumbers: readonly number[], nowMs: number): void {
    this.#counters.nacks += 1;
    if (!this.#source || this.#isWaiting) return;
    for (const sequence of sequenceNumbers) {
      const wanted = this.#splice.sourceSequence(sequence);
      const packet = this.#splice.isStraggler(wanted) ? undefined : this.#source.recall(wanted, nowMs);
      const payloadType = packet ? this.#payloadTypeOf(packet.codec) : -1;
      if (packet && payloadType >= 0 && this.#send(packet, payloadType)) this.#counters.retransmitted += 1;
    }
  }

  onKeyframeRequest(kind: KeyframeRequest, nowMs: number): void {
    if (kind === 'pli') this.#counters.plis += 1;
    else this.#counters.firs += 1;
    this.#source?.requestKeyframe(nowMs);
  }

  onPeerReport(report: ReportBlock): void {
    this.#peerReport = report;
  }

  onTick(nowMs: number): void {
    this.#flow.onTick(nowMs);
    if (this.media !== 'VIDEO' || !this.#isWaiting || !this.#source || !this.host.isOpen) return;
    if (this.#isHopeless() || nowMs - this.#askedAtMs < KEYFRAME_RETRY_MS) return;
    if (this.#waitingSinceMs === 0) this.#waitingSinceMs = nowMs;
    this.#askedAtMs = nowMs;
    this.#source.requestKeyframe(nowMs);
  }

  /** Undefined until something was sent and the source has told its own time. */
  senderReport(nowMs: number): Buffer | undefined {
    const isRunning = this.#splice.hasSent && !this.#isWaiting;
    const sourceTimestamp = isRunning ? this.#source?.clock.timestampAt(nowMs) : undefined;
    if (sourceTimestamp === undefined) return undefined;
    const { packets, octets } = this.#counters;
    const rtpTimestamp = this.#splice.timestamp(sourceTimestamp);
    return buildSenderReport(
      { ssrc: this.ssrc, ntp: ntpFromUnixMs(nowMs), rtpTimestamp, packets, octets },
      [],
    );
  }

  stats(): (MediaOutStats & { ssrc: number }) | undefined {
    if (this.#codecs.length === 0) return undefined;
    const { octets: _, ...counters } = this.#counters;
    const report = this.#peerReport;
    return {
      ssrc: this.ssrc,
      ...counters,
      packetsLost: report?.packetsLost ?? 0,
      fractionLost: report?.fractionLost ?? 0,
      jitterMs: report ? (report.jitter / this.#clockRate) * 1000 : 0,
    };
  }

  #wait(nowMs: number): void {
    this.#isWaiting = true;
    this.#waitingSinceMs = this.host.isOpen ? nowMs : 0;
    this.#askedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** A keyframe would not help: the peer does not receive, or not this codec. */
  #isHopeless(): boolean {
    return this.#codecs.length === 0 || (this.#lastCodec !== undefined && this.#payloadType < 0);
  }

  #mayStartWith(packet: RtpPacket, nowMs: number): boolean {
    if (this.media === 'AUDIO' || packet.isKeyframeStart) return true;
    if (this.#waitingSinceMs === 0) this.#waitingSinceMs = nowMs;
    return nowMs - this.#waitingSinceMs > KEYFRAME_PATIENCE_MS;
  }

  #send(packet: RtpPacket, payloadType: number): boolean {
    const sequence = this.#splice.sequence(packet.sequenceNumber);
    const timestamp = this.#splice.timestamp(packet.timestamp);
    writeRtpHeader(packet, payloadType, sequence, timestamp, this.ssrc);
    return this.host.send(packet.buffer);
  }

  #payloadTypeOf(codec: Codec): number {
    if (codec === this.#lastCodec) return this.#payloadType;
    let best: number | undefined;
    this.#payloadType = -1;
    for (const candidate of this.#codecs) {
      const rank = mismatch(codec, candidate.codec);
      if (rank === undefined || (best !== undefined && best <= rank)) continue;
      best = rank;
      this.#payloadType = candidate.payloadType;
    }
    this.#lastCodec = codec;
    return this.#payloadType;
  }
}
