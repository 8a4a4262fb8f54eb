import { randomBytes, randomInt } from 'node:crypto';
import type { Codec } from './codec.js';
import type { EndpointStats } from './endpoint-stats.js';
import { Feedback } from './feedback.js';
import { InboundMedia } from './inbound-media.js';
import type { LocalSource } from './local-description.js';
import { type Media, mediaKinds } from './media-kinds.js';
import { OutboundMedia } from './outbound-media.js';
import { PublisherClock } from './publisher-clock.js';
import { RembEstimate } from './remb.js';
import { roundTripMs } from './round-trip.js';
import type { ReportBlock, RtcpMessage } from './rtcp-message.js';
import { parseRtcp } from './rtcp-parse.js';
import { isRtcp, payloadTypeOf } from './rtp-packet.js';
import { type Negotiated, receives, sends } from './sdp-answer.js';
import { wallClockMs } from './wall-clock.js';

export interface PeerMediaHost {
  readonly isOpen: boolean;
  send(packet: Buffer): boolean;
  /** Whether media of a kind flows from us to the peer ('in', as Kurento sees it) or from the peer to us. */
  onFlow(direction: 'in' | 'out', media: Media, isFlowing: boolean): void;
  /** A report of the peer's came; one of ours went; the peer said goodbye. */
  onReport(nowMs: number): void;
  onPrompt(nowMs: number): void;
  onGoodbye(): void;
}

/** Where the packets of one payload type go. */
interface Route {
  inbound: InboundMedia;
  codec: Codec;
}

/** Everything of one peer that is RTP or RTCP: sorts what comes in, and owns what goes out. */
export class PeerMedia {
  readonly inbound: Record<Media, InboundMedia>;
  readonly outbound: Record<Media, OutboundMedia>;
  /** How what we send is called in session descriptions. */
  readonly sources: Record<Media, LocalSource>;
  readonly remb = new RembEstimate();
  readonly #host: PeerMediaHost;
  readonly #feedback: Feedback;
  readonly #routes: (Route | undefined)[] = new Array(128);
  #roundTripTimeMs: number | undefined;

  constructor(host: PeerMediaHost) {
    this.#host = host;
    const clock = new PublisherClock();
    this.inbound = perKind(media => new InboundMedia(media, clock, this.#inboundHost()));
    this.outbound = perKind(media => new OutboundMedia(media, randomSsrc(), this.#outboundHost()));
    const cname = randomName(12);
    const streamId = randomName(12);
    this.sources = perKind(media => {
      const trackId = `${media.toLowerCase()}-${randomName(6)}`;
      return { ssrc: this.outbound[media].ssrc, cname, streamId, trackId };
    });
    this.#feedback = new Feedback(
      this.outbound.VIDEO.ssrc,
      cname,
      { inbound: Object.values(this.inbound), outbound: Object.values(this.outbound) },
      this.remb,
      host,
    );
  }

  apply(negotiated: Negotiated): void {
    for (const media of mediaKinds) {
      const agreed = negotiated[media];
      if (!agreed) continue;
      if (sends(agreed.direction)) this.outbound[media].setCodecs(agreed.codecs);
      if (!receives(agreed.direction)) continue;
      const inbound = this.inbound[media];
      const offers = (feedback: string) => agreed.codecs.some(codec => codec.feedback.includes(feedback));
      inbound.canNack = offers('nack');
      inbound.keyframeRequest = offers('ccm fir') && !offers('nack pli') ? 'fir' : 'pli';
      for (const { payloadType, codec } of agreed.codecs) this.#routes[payloadType] = { inbound, codec };
    }
  }

  onOpen(nowMs: number): void {
    for (const media of mediaKinds) this.outbound[media].onTick(nowMs);
  }

  onPacket(packet: Buffer, nowMs: number): void {
    if (isRtcp(packet)) {
      for (const message of parseRtcp(packet)) this.#onRtcp(message, nowMs);
      return;
    }
    const route = this.#routes[payloadTypeOf(packet)];
    if (route) route.inbound.receive(packet, route.codec, nowMs);
  }

  onTick(nowMs: number): void {
    for (const media of mediaKinds) {
      this.inbound[media].onTick(nowMs);
      this.outbound[media].onTick(nowMs);
    }
    if (this.#host.isOpen) this.#feedback.onTick(nowMs);
  }

  stats(): Omit<EndpointStats, 'selectedPair'> {
    return {
      audioIn: this.inbound.AUDIO.stats(),
      audioOut: this.outbound.AUDIO.stats(),
      videoIn: this.inbound.VIDEO.stats(),
      videoOut: this.outbound.VIDEO.stats(),
      roundTripTimeMs: this.#roundTripTimeMs,
      rembBps: this.inbound.VIDEO.ssrc === undefined ? undefined : this.remb.bitrateBps,
    };
  }

  close(): void {
    this.#feedback.sendGoodbye();
    for (const media of mediaKinds) {
      this.inbound[media].close();
      this.outbound[media].disconnect();
    }
  }

  #onRtcp(message: RtcpMessage, nowMs: number): void {
    switch (message.type) {
      case 'sender-report':
        for (const media of mediaKinds) {
          this.inbound[media].onSenderReport(message.ssrc, message.ntp, message.rtpTimestamp, nowMs);
        }
        this.#onReports(message.reports, nowMs);
        return;
      case 'receiver-report':
        this.#onReports(message.reports, nowMs);
        return;
      case 'bye':
        this.#host.onGoodbye();
        return;
      case 'nack':
        this.#outboundOf(message.mediaSsrc)?.retransmit(message.sequenceNumbers, nowMs);
        return;
      case 'pli':
      case 'fir':
        this.#outboundOf(message.mediaSsrc)?.onKeyframeRequest(message.type, nowMs);
        return;
      case 'remb':
        // One viewer's bandwidth must not become everybody's: see RembEstimate.
        return;
    }
  }

  #onReports(reports: readonly ReportBlock[], nowMs: number): void {
    this.#host.onReport(nowMs);
    for (const report of reports) {
      const outbound = this.#outboundOf(report.ssrc);
      if (!outbound) continue;
      outbound.onPeerReport(report);
      this.#roundTripTimeMs = roundTripMs(report, nowMs) ?? this.#roundTripTimeMs;
    }
  }

  #outboundOf(ssrc: number): OutboundMedia | undefined {
    return mediaKinds.map(media => this.outbound[media]).find(outbound => outbound.ssrc === ssrc);
  }

  #inboundHost() {
    return {
      onFlow: (media: Media, isFlowing: boolean) => this.#host.onFlow('out', media, isFlowing),
      sendKeyframeRequest: (kind: 'pli' | 'fir', ssrc: number) =>
        this.#feedback.sendKeyframeRequest(kind, ssrc),
      sendNack: (ssrc: number, sequenceNumbers: readonly number[]) =>
        this.#feedback.sendNack(ssrc, sequenceNumbers),
    };
  }

  #outboundHost() {
    const host = this.#host;
    return {
      get isOpen() {
        return host.isOpen;
      },
      send: (packet: Buffer) => host.send(packet),
      onFlow: (media: Media, isFlowing: boolean) => {
        host.onFlow('in', media, isFlowing);
        // At once, so that a late viewer's sound and picture are in step from the start.
        if (isFlowing)
          setImmediate(() => this.#feedback.sendSenderReport(this.outbound[media], wallClockMs()));
      },
    };
  }
}

function perKind<T>(make: (media: Media) => T): Record<Media, T> {
  return { AUDIO: make('AUDIO'), VIDEO: make('VIDEO') };
}

/** 0 is "no SSRC" in RTCP. */
function randomSsrc(): number {
  return randomInt(1, 2 ** 32);
}

function randomName(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
