import { randomBytes, randomInt } from 'node:crypto';
import type { Logger } from '@manycast/runtime';
import type { RtcConfig } from 'node-datachannel';
import { CandidateTray } from './candidate-tray.js';
import type { Codec } from './codec.js';
import { EndpointEvents } from './endpoint-events.js';
import type { EndpointStats } from './endpoint-stats.js';
import { Feedback } from './feedback.js';
import { usableCandidate } from './ice-candidate.js';
import type { IceState } from './ice-state.js';
import { InboundMedia, type KeyframeRequest } from './inbound-media.js';
import { type LocalSection, type LocalSource, writeLocalDescription } from './local-description.js';
import type {
  ConnectableMedia,
  LocalCandidate,
  Media,
  MediaEndpoint,
  MediaEndpointEvents,
  UpDown,
} from './media-endpoint.js';
import { NegotiationError, SdpError } from './media-errors.js';
import { NativeTransport, type TransportState } from './native-transport.js';
import { OutboundMedia, roundTripMs } from './outbound-media.js';
import { PublisherClock } from './publisher-clock.js';
import { RembEstimate } from './remb.js';
import { RemoteCandidates } from './remote-candidates.js';
import { parseRemoteDescription, type RemoteDescription } from './remote-description.js';
import { parseRtcp, type ReportBlock, type RtcpMessage } from './rtcp-packet.js';
import { isRtcp, payloadTypeOf } from './rtp-packet.js';
import { answerSections, type Negotiated, receives, sends } from './sdp-answer.js';
import { offerSections, readAnswer } from './sdp-offer.js';
import { SilenceWatch } from './silence-watch.js';
import { wallClockMs } from './wall-clock.js';

const mediaKinds = ['AUDIO', 'VIDEO'] as const;

const iceStates: Record<TransportState, IceState> = {
  new: 'GATHERING',
  checking: 'CONNECTING',
  connected: 'CONNECTED',
  completed: 'READY',
  disconnected: 'DISCONNECTED',
  failed: 'FAILED',
  closed: 'DISCONNECTED',
};

/** Where the packets of one payload type go. */
interface Route {
  inbound: InboundMedia;
  codec: Codec;
}

export interface WebRtcEndpointOptions {
  id: string;
  rtc: RtcConfig;
  log: Logger;
  onClosed: (endpoint: WebRtcEndpoint) => void;
}

/** See MediaEndpoint. Wires one transport to what comes in from its peer and what goes out to it. */
export class WebRtcEndpoint implements MediaEndpoint {
  readonly id: string;
  readonly #rtc: RtcConfig;
  readonly #log: Logger;
  readonly #onClosed: (endpoint: WebRtcEndpoint) => void;
  readonly #events: EndpointEvents;
  readonly #inbound: Record<Media, InboundMedia>;
  readonly #outbound: Record<Media, OutboundMedia>;
  readonly #sources: Record<Media, LocalSource>;
  readonly #feedback: Feedback;
  readonly #remb = new RembEstimate();
  readonly #silence = new SilenceWatch();
  readonly #tray: CandidateTray;
  readonly #remoteCandidates = new RemoteCandidates(candidate =>
    this.#transport?.addRemoteCandidate(candidate),
  );
  readonly #routes: (Route | undefined)[] = new Array(128);
  readonly #sessionId = String(randomInt(2 ** 47));
  #transport: NativeTransport | undefined;
  #carrier = { mid: '0', index: 0 };
  #localSdp: string | undefined;
  #remoteSdp: string | undefined;
  /** Until gathering is asked for, when Kurento's ICE would begin. */
  #heldIceStates: IceState[] | undefined = [];
  #connectionState: UpDown = 'DISCONNECTED';
  #mediaState: UpDown = 'DISCONNECTED';
  #roundTripTimeMs: number | undefined;
  #isClosed = false;

  constructor(options: WebRtcEndpointOptions) {
    this.id = options.id;
    this.#rtc = options.rtc;
    this.#log = options.log;
    this.#onClosed = options.onClosed;
    this.#events = new EndpointEvents(options.log);
    this.#tray = new CandidateTray(
      candidate =>
        this.#events.emit('candidate', {
          candidate,
          sdpMid: this.#carrier.mid,
          sdpMLineIndex: this.#carrier.index,
        }),
      () => this.#events.emit('gathering-done', undefined),
    );
    const clock = new PublisherClock();
    const inbound = (media: Media) => new InboundMedia(media, clock, this.#inboundHost());
    const outbound = (media: Media) => new OutboundMedia(media, randomSsrc(), this.#outboundHost());
    this.#inbound = { AUDIO: inbound('AUDIO'), VIDEO: inbound('VIDEO') };
    this.#outbound = { AUDIO: outbound('AUDIO'), VIDEO: outbound('VIDEO') };
    const cname = randomBytes(12).toString('base64url');
    const streamId = randomBytes(12).toString('base64url');
    const source = (media: Media): LocalSource => ({
      ssrc: this.#outbound[media].ssrc,
      cname,
      streamId,
      trackId: `${media.toLowerCase()}-${randomBytes(6).toString('base64url')}`,
    });
    this.#sources = { AUDIO: source('AUDIO'), VIDEO: source('VIDEO') };
    this.#feedback = new Feedback(
      this.#outbound.VIDEO.ssrc,
      cname,
      { inbound: Object.values(this.#inbound), outbound: Object.values(this.#outbound) },
      this.#remb,
      packet => this.#transport?.send(packet) ?? false,
      nowMs => this.#silence.onPrompt(nowMs),
    );
  }

  get localSdp(): string | undefined {
    return this.#localSdp;
  }

  get remoteSdp(): string | undefined {
    return this.#remoteSdp;
  }

  get connectionState(): UpDown {
    return this.#connectionState;
  }

  get mediaState(): UpDown {
    return this.#mediaState;
  }

  async processOffer(sdp: string): Promise<string> {
    this.#assertFresh();
    const offer = parseRemoteDescription(sdp);
    const { sections, negotiated } = answerSections(offer, { sources: this.#sources });
    const isUseful = sections.some(section => section.status === 'accepted');
    const transport = isUseful ? offer.transport : undefined;
    // Only now, so that an offer that cannot be used leaves the endpoint as it was.
    const local = transport && this.#openTransport(native => native.accept(transport));
    this.#remoteSdp = sdp;
    this.#apply(negotiated);
    this.#setCarrier(sections);
    this.#localSdp = writeLocalDescription({
      sessionId: this.#sessionId,
      isBundled: offer.isBundled,
      transport: local,
      sections,
    });
    this.#addCandidatesOf(offer);
    return this.#localSdp;
  }

  async generateOffer(): Promise<string> {
    this.#assertFresh();
    const sections = offerSections(this.#sources);
    const transport = this.#openTransport(native => native.offer());
    this.#setCarrier(sections);
    this.#localSdp = writeLocalDescription({
      sessionId: this.#sessionId,
      isBundled: true,
      transport,
      sections,
    });
    return this.#localSdp;
  }

  async processAnswer(sdp: string): Promise<string> {
    const transport = this.#transport;
    if (this.#isClosed) throw new NegotiationError('closed', 'the endpoint is closed');
    if (!this.#localSdp || !transport) throw new NegotiationError('no-offer', 'there is no offer to answer');
    if (this.#remoteSdp) throw new NegotiationError('already-negotiated', 'the offer is answered already');
    const answer = parseRemoteDescription(sdp);
    const negotiated = readAnswer(answer);
    if (!answer.transport) throw new SdpError('the answer accepts nothing');
    transport.acceptAnswer(answer.transport);
    this.#remoteSdp = sdp;
    this.#apply(negotiated);
    this.#addCandidatesOf(answer);
    return this.#localSdp;
  }

  gatherCandidates(): void {
    if (this.#isClosed || !this.#localSdp) return;
    if (this.#heldIceStates) this.#events.emit('ice-state', 'GATHERING');
    for (const state of this.#heldIceStates ?? []) this.#events.emit('ice-state', state);
    this.#heldIceStates = undefined;
    this.#remoteCandidates.onGathering(wallClockMs());
    this.#tray.open();
    if (!this.#transport) this.#tray.complete();
  }

  addIceCandidate({ candidate }: LocalCandidate): void {
    const usable = usableCandidate(candidate);
    if (usable && this.#transport) this.#remoteCandidates.add(usable, wallClockMs());
  }

  connect(sink: MediaEndpoint, media?: ConnectableMedia): void {
    const target = asOwn(sink);
    if (this.#isClosed || target.#isClosed) return;
    const nowMs = wallClockMs();
    for (const kind of kindsOf(media)) target.#outbound[kind].connect(this.#inbound[kind], nowMs);
  }

  disconnect(sink: MediaEndpoint, media?: ConnectableMedia): void {
    const target = asOwn(sink);
    for (const kind of kindsOf(media)) {
      const outbound = target.#outbound[kind];
      if (outbound.source === this.#inbound[kind]) outbound.disconnect();
    }
  }

  requestKeyframe(): void {
    this.#inbound.VIDEO.requestKeyframe(wallClockMs());
  }

  isFlowingIn(media: Media): boolean {
    return this.#outbound[media].isFlowing;
  }

  isFlowingOut(media: Media): boolean {
    return this.#inbound[media].isFlowing;
  }

  stats(): EndpointStats {
    return {
      audioIn: this.#inbound.AUDIO.stats(),
      audioOut: this.#outbound.AUDIO.stats(),
      videoIn: this.#inbound.VIDEO.stats(),
      videoOut: this.#outbound.VIDEO.stats(),
      roundTripTimeMs: this.#roundTripTimeMs,
      rembBps: this.#inbound.VIDEO.ssrc === undefined ? undefined : this.#remb.bitrateBps,
      selectedPair: this.#transport?.selectedPair(),
    };
  }

  setMaxVideoRecvBandwidth(kbps: number): void {
    this.#remb.setMaxKbps(kbps);
  }

  setMinVideoRecvBandwidth(kbps: number): void {
    this.#remb.setMinKbps(kbps);
  }

  setMaxVideoSendBandwidth(_kbps: number): void {}

  on<E extends keyof MediaEndpointEvents>(event: E, listener: (value: MediaEndpointEvents[E]) => void): void {
    this.#events.on(event, listener);
  }

  off<E extends keyof MediaEndpointEvents>(
    event: E,
    listener: (value: MediaEndpointEvents[E]) => void,
  ): void {
    this.#events.off(event, listener);
  }

  /** From the plane's clock. */
  onTick(nowMs: number): void {
    for (const media of mediaKinds) {
      this.#inbound[media].onTick(nowMs);
      this.#outbound[media].onTick(nowMs);
    }
    this.#remoteCandidates.onTick(nowMs);
    if (!this.#transport?.isOpen) return;
    this.#feedback.onTick(nowMs);
    if (this.#mediaState === 'CONNECTED' && this.#silence.isSilent(nowMs))
      this.#setMediaState('DISCONNECTED');
    if (this.#connectionState === 'CONNECTED' && this.#silence.isGone(nowMs)) {
      this.#log.info({ endpoint: this.id }, 'the peer vanished');
      this.#setConnectionState('DISCONNECTED');
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.close();
    this.#feedback.sendGoodbye();
    for (const media of mediaKinds) {
      this.#inbound[media].close();
      this.#outbound[media].disconnect();
    }
    this.#transport?.close();
    this.#transport = undefined;
    this.#onClosed(this);
  }

  #assertFresh(): void {
    if (this.#isClosed) throw new NegotiationError('closed', 'the endpoint is closed');
    if (this.#localSdp)
      throw new NegotiationError('already-negotiated', 'the endpoint is negotiated already');
  }

  #openTransport<T>(start: (transport: NativeTransport) => T): T {
    const transport = new NativeTransport(
      this.id,
      this.#rtc,
      {
        onCandidate: candidate => this.#tray.add(candidate),
        onGatheringDone: () => this.#tray.complete(),
        onIceState: state => this.#onIceState(state),
        onOpen: () => this.#onOpen(),
        onDown: () => this.#onDown(),
        onPacket: packet => this.#onPacket(packet),
      },
      this.#log,
    );
    try {
      const result = start(transport);
      this.#transport = transport;
      return result;
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  #apply(negotiated: Negotiated): void {
    for (const media of mediaKinds) {
      const agreed = negotiated[media];
      if (!agreed) continue;
      if (sends(agreed.direction)) this.#outbound[media].setCodecs(agreed.codecs);
      if (!receives(agreed.direction)) continue;
      const inbound = this.#inbound[media];
      const offers = (feedback: string) => agreed.codecs.some(codec => codec.feedback.includes(feedback));
      inbound.canNack = offers('nack');
      inbound.keyframeRequest = offers('ccm fir') && !offers('nack pli') ? 'fir' : 'pli';
      for (const { payloadType, codec } of agreed.codecs) this.#routes[payloadType] = { inbound, codec };
    }
  }

  /** Candidates belong to the first section of the bundle. */
  #setCarrier(sections: readonly LocalSection[]): void {
    const index = sections.findIndex(section => section.status === 'accepted');
    if (index >= 0) this.#carrier = { mid: sections[index]?.mid ?? String(index), index };
  }

  #addCandidatesOf(description: RemoteDescription): void {
    this.#remoteCandidates.onDescribed(wallClockMs());
    for (const candidate of description.candidates) {
      try {
        this.addIceCandidate({ candidate, sdpMid: '', sdpMLineIndex: 0 });
      } catch (error) {
        this.#log.debug({ err: error }, 'candidate in the session description ignored');
      }
    }
  }

  #onPacket(packet: Buffer): void {
    const nowMs = wallClockMs();
    this.#silence.onPacket(nowMs);
    if (this.#mediaState === 'DISCONNECTED') {
      this.#setConnectionState('CONNECTED');
      this.#setMediaState('CONNECTED');
    }
    if (isRtcp(packet)) {
      for (const message of parseRtcp(packet)) this.#onRtcp(message, nowMs);
      return;
    }
    const route = this.#routes[payloadTypeOf(packet)];
    if (route) route.inbound.receive(packet, route.codec, nowMs);
  }

  #onRtcp(message: RtcpMessage, nowMs: number): void {
    switch (message.type) {
      case 'sender-report':
        this.#silence.onReport(nowMs);
        for (const media of mediaKinds) {
          this.#inbound[media].onSenderReport(message.ssrc, message.ntp, message.rtpTimestamp, nowMs);
        }
        this.#onReports(message.reports, nowMs);
        return;
      case 'receiver-report':
        this.#silence.onReport(nowMs);
        this.#onReports(message.reports, nowMs);
        return;
      case 'bye':
        this.#silence.onGoodbye();
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
    for (const report of reports) {
      const outbound = this.#outboundOf(report.ssrc);
      if (!outbound) continue;
      outbound.onPeerReport(report);
      this.#roundTripTimeMs = roundTripMs(report, nowMs) ?? this.#roundTripTimeMs;
    }
  }

  #outboundOf(ssrc: number): OutboundMedia | undefined {
    if (this.#outbound.VIDEO.ssrc === ssrc) return this.#outbound.VIDEO;
    return this.#outbound.AUDIO.ssrc === ssrc ? this.#outbound.AUDIO : undefined;
  }

  #onOpen(): void {
    this.#setConnectionState('CONNECTED');
    const pair = this.#transport?.selectedPair();
    if (pair) this.#events.emit('candidate-pair', pair);
    const nowMs = wallClockMs();
    for (const media of mediaKinds) this.#outbound[media].onTick(nowMs);
  }

  #onDown(): void {
    this.#setMediaState('DISCONNECTED');
    this.#setConnectionState('DISCONNECTED');
  }

  #onIceState(state: TransportState): void {
    if (this.#heldIceStates) this.#heldIceStates.push(iceStates[state]);
    else this.#events.emit('ice-state', iceStates[state]);
  }

  #setConnectionState(state: UpDown): void {
    if (this.#connectionState === state) return;
    this.#connectionState = state;
    this.#events.emit('connection-state', state);
  }

  #setMediaState(state: UpDown): void {
    if (this.#mediaState === state) return;
    this.#mediaState = state;
    this.#events.emit('media-state', state);
  }

  #inboundHost() {
    return {
      onFlow: (media: Media, isFlowing: boolean) => this.#events.emit('flow-out', { media, isFlowing }),
      sendKeyframeRequest: (kind: KeyframeRequest, ssrc: number) =>
        this.#feedback.sendKeyframeRequest(kind, ssrc),
      sendNack: (ssrc: number, sequenceNumbers: readonly number[]) =>
        this.#feedback.sendNack(ssrc, sequenceNumbers),
    };
  }

  #outboundHost() {
    const isOpen = () => this.#transport?.isOpen ?? false;
    return {
      get isOpen() {
        return isOpen();
      },
      send: (packet: Buffer) => this.#transport?.send(packet) ?? false,
      onFlow: (media: Media, isFlowing: boolean) => {
        this.#events.emit('flow-in', { media, isFlowing });
        // At once, so that a late viewer's sound and picture are in step from the start.
        if (isFlowing)
          setImmediate(() => this.#feedback.sendSenderReport(this.#outbound[media], wallClockMs()));
      },
    };
  }
}

/** 0 is "no SSRC" in RTCP. */
function randomSsrc(): number {
  return randomInt(1, 2 ** 32);
}

function kindsOf(media: ConnectableMedia | undefined): readonly Media[] {
  if (media === 'DATA') return [];
  return media ? [media] : mediaKinds;
}

function asOwn(endpoint: MediaEndpoint): WebRtcEndpoint {
  if (endpoint instanceof WebRtcEndpoint) return endpoint;
  throw new TypeError('the sink is an endpoint of another media plane');
}
