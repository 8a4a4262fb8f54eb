import { type Codec, clockRates } from './codec.js';
import type { MediaInStats } from './endpoint-stats.js';
import { FlowWatch } from './flow-watch.js';
import type { Media } from './media-kinds.js';
import { MissingPackets } from './missing-packets.js';
import { compactNtp, type NtpTime } from './ntp-time.js';
import type { OutboundMedia } from './outbound-media.js';
import { PliThrottle } from './pli-throttle.js';
import { MediaClock, type PublisherClock } from './publisher-clock.js';
import { ReceiverStats } from './receiver-stats.js';
import { RetransmitBuffer } from './retransmit-buffer.js';
import type { ReportBlock } from './rtcp-message.js';
import { parseRtp, type RtpPacket } from './rtp-packet.js';

const PLI_INTERVAL_MS = 500;
const HISTORY: Record<Media, { packets: number; maxAgeMs: number }> = {
  AUDIO: { packets: 128, maxAgeMs: 1000 },
  VIDEO: { packets: 512, maxAgeMs: 1000 },
};

export type KeyframeRequest = 'pli' | 'fir';

/** What an inbound medium asks of the endpoint it belongs to. */
export interface InboundHost {
  onFlow(media: Media, isFlowing: boolean): void;
  sendKeyframeRequest(kind: KeyframeRequest, mediaSsrc: number): void;
  sendNack(mediaSsrc: number, sequenceNumbers: readonly number[]): void;
}

/** One medium of what a peer sends us, and everybody it is forwarded to. */
export class InboundMedia {
  readonly #sinks = new Set<OutboundMedia>();
  readonly #history: RetransmitBuffer;
  readonly #missing = new MissingPackets();
  readonly #plis = new PliThrottle(PLI_INTERVAL_MS);
  readonly #flow: FlowWatch;
  readonly clock: MediaClock;
  readonly clockRate: number;
  /** Whether the peer lets itself be asked for lost packets. */
  canNack = false;
  /** How the peer wants to be asked for a keyframe. */
  keyframeRequest: KeyframeRequest = 'pli';
  #receiver: ReceiverStats | undefined;
  #nacks = 0;
  readonly #keyframeRequests = { pli: 0, fir: 0 };

  constructor(
    readonly media: Media,
    publisher: PublisherClock,
    private readonly host: InboundHost,
  ) {
    this.clockRate = media === 'AUDIO' ? clockRates.opus : clockRates.VP8;
    this.clock = new MediaClock(publisher, this.clockRate);
    this.#history = new RetransmitBuffer(HISTORY[media].packets, HISTORY[media].maxAgeMs);
    this.#flow = new FlowWatch(isFlowing => host.onFlow(media, isFlowing));
  }

  get isFlowing(): boolean {
    return this.#flow.isFlowing;
  }

  get ssrc(): number | undefined {
    return this.#receiver?.ssrc;
  }

  addSink(sink: OutboundMedia): void {
    this.#sinks.add(sink);
  }

  removeSink(sink: OutboundMedia): void {
    this.#sinks.delete(sink);
  }

  /** The hot path: parse once, then every sink overwrites the same header and sends. */
  receive(buffer: Buffer, codec: Codec, nowMs: number): void {
    const packet = parseRtp(buffer, codec);
    if (!packet) return;
    const receiver = this.#receiverOf(packet.ssrc);
    receiver.onPacket(packet.sequenceNumber, packet.timestamp, buffer.length, nowMs);
    if (packet.isKeyframeStart) this.#plis.onKeyframe();
    this.#history.add(packet, nowMs);
    this.#flow.onPacket(nowMs);
    for (const sink of this.#sinks) sink.forward(packet, nowMs);
    if (this.canNack) this.#repair(packet.sequenceNumber, nowMs);
  }

  /** A packet of the recent past, for a viewer that missed it. */
  recall(sequenceNumber: number, nowMs: number): RtpPacket | undefined {
    return this.#history.get(sequenceNumber, nowMs);
  }

  requestKeyframe(nowMs: number): void {
    if (this.#plis.request(nowMs)) this.#askForKeyframe();
  }

  onSenderReport(ssrc: number, ntp: NtpTime, rtpTimestamp: number, nowMs: number): void {
    if (this.#receiver?.ssrc !== ssrc) return;
    this.#receiver.onSenderReport(compactNtp(ntp), nowMs);
    this.clock.onSenderReport(ntp, rtpTimestamp, nowMs);
  }

  onTick(nowMs: number): void {
    this.#flow.onTick(nowMs);
    if (this.#plis.due(nowMs)) this.#askForKeyframe();
    if (!this.#missing.isEmpty) this.#sendNacks(nowMs);
  }

  report(nowMs: number): ReportBlock | undefined {
    return this.#receiver?.report(nowMs);
  }

  stats(): (MediaInStats & { ssrc: number }) | undefined {
    const receiver = this.#receiver;
    if (!receiver) return undefined;
    return {
      ssrc: receiver.ssrc,
      packets: receiver.packets,
      bytes: receiver.bytes,
      packetsLost: receiver.packetsLost,
      fractionLost: receiver.fractionLost,
      jitterMs: receiver.jitterMs,
      nacks: this.#nacks,
      plis: this.#keyframeRequests.pli,
      firs: this.#keyframeRequests.fir,
    };
  }

  close(): void {
    this.#flow.stop();
    for (const sink of this.#sinks) sink.onSourceGone();
    this.#sinks.clear();
    this.#history.clear();
  }

  /** A new SSRC is a new stream: its numbers have nothing to do with those before. */
  #receiverOf(ssrc: number): ReceiverStats {
    if (this.#receiver?.ssrc === ssrc) return this.#receiver;
    if (this.#receiver) {
      this.#missing.reset();
      this.#history.clear();
      this.clock.reset();
      for (const sink of this.#sinks) sink.onSourceRestarted();
    }
    this.#receiver = new ReceiverStats(ssrc, this.clockRate);
    return this.#receiver;
  }

  #repair(sequenceNumber: number, nowMs: number): void {
    const outcome = this.#missing.onPacket(sequenceNumber);
    if (outcome === 'hole') this.#sendNacks(nowMs);
    else if (outcome === 'flood') this.requestKeyframe(nowMs);
  }

  #sendNacks(nowMs: number): void {
    const due = this.#missing.due(nowMs);
    if (due.length === 0 || !this.#receiver) return;
    this.#nacks += 1;
    this.host.sendNack(this.#receiver.ssrc, due);
  }

  #askForKeyframe(): void {
    if (!this.#receiver) return;
    this.#keyframeRequests[this.keyframeRequest] += 1;
    this.host.sendKeyframeRequest(this.keyframeRequest, this.#receiver.ssrc);
  }
}
