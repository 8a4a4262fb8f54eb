import { randomInt } from 'node:crypto';
import type { Logger } from '@manycast/runtime';
import type { RtcConfig } from 'node-datachannel';
import { assertSocketAvailable } from './bind-address.js';
import { EndpointEvents } from './endpoint-events.js';
import type { EndpointStats } from './endpoint-stats.js';
import { usableCandidate } from './ice-candidate.js';
import { IceGate } from './ice-gate.js';
import { type LocalSection, writeLocalDescription } from './local-description.js';
import type { LocalCandidate, MediaEndpoint, MediaEndpointEvents, UpDown } from './media-endpoint.js';
import { NegotiationError, SdpError } from './media-errors.js';
import { type ConnectableMedia, kindsOf, type Media } from './media-kinds.js';
import { NativeTransport } from './native-transport.js';
import { PeerMedia } from './peer-media.js';
import { PeerPresence } from './peer-presence.js';
import { RemoteCandidates } from './remote-candidates.js';
import { parseRemoteDescription, type RemoteDescription } from './remote-description.js';
import { answerSections } from './sdp-answer.js';
import { offerSections, readAnswer } from './sdp-offer.js';
import { wallClockMs } from './wall-clock.js';

export interface WebRtcEndpointOptions {
  id: string;
  rtc: RtcConfig;
  log: Logger;
  onClosed: (endpoint: WebRtcEndpoint) => void;
}

/** See MediaEndpoint. Negotiates with one peer, and ties its transport to its media. */
export class WebRtcEndpoint implements MediaEndpoint {
  readonly id: string;
  readonly #options: WebRtcEndpointOptions;
  readonly #events: EndpointEvents;
  readonly #presence: PeerPresence;
  readonly #ice: IceGate;
  readonly #media: PeerMedia;
  readonly #remoteCandidates = new RemoteCandidates(candidate =>
    this.#transport?.addRemoteCandidate(candidate),
  );
  readonly #sessionId = String(randomInt(2 ** 47));
  #transport: NativeTransport | undefined;
  #localSdp: string | undefined;
  #remoteSdp: string | undefined;
  #isClosed = false;

  constructor(options: WebRtcEndpointOptions) {
    this.id = options.id;
    this.#options = options;
    this.#events = new EndpointEvents(options.log);
    this.#presence = new PeerPresence((what, state) => this.#events.emit(what, state));
    this.#ice = new IceGate(this.#events);
    this.#media = new PeerMedia(this.#mediaHost());
  }

  get localSdp(): string | undefined {
    return this.#localSdp;
  }

  get remoteSdp(): string | undefined {
    return this.#remoteSdp;
  }

  get connectionState(): UpDown {
    return this.#presence.connection;
  }

  get mediaState(): UpDown {
    return this.#presence.media;
  }

  async processOffer(sdp: string): Promise<string> {
    this.#assertFresh();
    const offer = parseRemoteDescription(sdp);
    const { sections, negotiated } = answerSections(offer, this.#media.sources);
    const isUseful = sections.some(section => section.status === 'accepted');
    const remote = isUseful ? offer.transport : undefined;
    // Only now, so that an offer that cannot be used leaves the endpoint as it was.
    const transport = remote && this.#openTransport(native => native.accept(remote));
    this.#remoteSdp = sdp;
    this.#media.apply(negotiated);
    this.#localSdp = this.#describe(sections, { isBundled: offer.isBundled, transport });
    this.#addCandidatesOf(offer);
    return this.#localSdp;
  }

  async generateOffer(): Promise<string> {
    this.#assertFresh();
    if (!this.#options.rtc.enableIceUdpMux) await assertSocketAvailable(this.#options.rtc.bindAddress);
    this.#assertFresh();
    const sections = offerSections(this.#media.sources);
    const transport = this.#openTransport(native => native.offer());
    this.#localSdp = this.#describe(sections, { isBundled: true, transport });
    return this.#localSdp;
  }

  async processAnswer(sdp: string): Promise<string> {
    if (this.#isClosed) throw new NegotiationError('closed', 'the endpoint is closed');
    if (this.#localSdp === undefined) throw new NegotiationError('no-offer', 'there is no offer to answer');
    if (this.#remoteSdp !== undefined) {
      throw new NegotiationError('already-negotiated', 'the endpoint is negotiated already');
    }
    const answer = parseRemoteDescription(sdp);
    const negotiated = readAnswer(answer);
    if (!answer.transport) throw new SdpError('the answer accepts nothing');
    this.#transport?.acceptAnswer(answer.transport);
    this.#remoteSdp = sdp;
    this.#media.apply(negotiated);
    this.#addCandidatesOf(answer);
    return this.#localSdp;
  }

  gatherCandidates(): void {
    if (this.#isClosed || this.#localSdp === undefined) return;
    this.#remoteCandidates.onGathering(wallClockMs());
    this.#ice.open();
    if (!this.#transport) this.#ice.onGatheringDone();
  }

  addIceCandidate({ candidate }: LocalCandidate): void {
    const usable = usableCandidate(candidate);
    if (usable && this.#transport) this.#remoteCandidates.add(usable, wallClockMs());
  }

  connect(sink: MediaEndpoint, media?: ConnectableMedia): void {
    const target = asOwn(sink);
    if (this.#isClosed || target.#isClosed) return;
    const nowMs = wallClockMs();
    for (const kind of kindsOf(media)) target.#media.outbound[kind].connect(this.#media.inbound[kind], nowMs);
  }

  disconnect(sink: MediaEndpoint, media?: ConnectableMedia): void {
    const target = asOwn(sink);
    for (const kind of kindsOf(media)) {
      const outbound = target.#media.outbound[kind];
      if (outbound.source === this.#media.inbound[kind]) outbound.disconnect();
    }
  }

  requestKeyframe(): void {
    this.#media.inbound.VIDEO.requestKeyframe(wallClockMs());
  }

  isFlowingIn(media: Media): boolean {
    return this.#media.outbound[media].isFlowing;
  }

  isFlowingOut(media: Media): boolean {
    return this.#media.inbound[media].isFlowing;
  }

  stats(): EndpointStats {
    return { ...this.#media.stats(), selectedPair: this.#transport?.selectedPair() };
  }

  setMaxVideoRecvBandwidth(kbps: number): void {
    this.#media.remb.setMaxKbps(kbps);
  }

  setMinVideoRecvBandwidth(kbps: number): void {
    this.#media.remb.setMinKbps(kbps);
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
    this.#remoteCandidates.onTick(nowMs);
    this.#media.onTick(nowMs);
    this.#presence.onTick(nowMs);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.close();
    this.#media.close();
    this.#transport?.close();
    this.#transport = undefined;
    this.#options.onClosed(this);
  }

  #assertFresh(): void {
    if (this.#isClosed) throw new NegotiationError('closed', 'the endpoint is closed');
    if (this.#localSdp !== undefined) {
      throw new NegotiationError('already-negotiated', 'the endpoint is negotiated already');
    }
  }

  #openTransport<T>(start: (transport: NativeTransport) => T): T {
    const { id, rtc, log } = this.#options;
    const listener = {
      onCandidate: (candidate: string) => this.#ice.onCandidate(candidate),
      onGatheringDone: () => this.#ice.onGatheringDone(),
      onIceState: this.#ice.onState.bind(this.#ice),
      onOpen: () => this.#onOpen(),
      onDown: () => this.#presence.onDown(),
      onPacket: (packet: Buffer) => this.#onPacket(packet),
    };
    const transport = new NativeTransport(id, rtc, listener, log);
    try {
      const result = start(transport);
      this.#transport = transport;
      return result;
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  #describe(
    sections: readonly LocalSection[],
    rest: { isBundled: boolean; transport: Parameters<typeof writeLocalDescription>[0]['transport'] },
  ): string {
    // Candidates belong to the first section of the bundle.
    const index = sections.findIndex(section => section.status === 'accepted');
    if (index >= 0)
      this.#ice.carrier = { sdpMid: sections[index]?.mid ?? String(index), sdpMLineIndex: index };
    return writeLocalDescription({ sessionId: this.#sessionId, sections, ...rest });
  }

  #addCandidatesOf(description: RemoteDescription): void {
    this.#remoteCandidates.onDescribed(wallClockMs());
    for (const candidate of description.candidates) {
      try {
        this.addIceCandidate({ candidate, sdpMid: '', sdpMLineIndex: 0 });
      } catch (error) {
        this.#options.log.debug({ err: error }, 'candidate in the session description ignored');
      }
    }
  }

  #onPacket(packet: Buffer): void {
    const nowMs = wallClockMs();
    this.#presence.onPacket(nowMs);
    this.#media.onPacket(packet, nowMs);
  }

  #onOpen(): void {
    this.#presence.onUp();
    const pair = this.#transport?.selectedPair();
    if (pair) this.#events.emit('candidate-pair', pair);
    this.#media.onOpen(wallClockMs());
  }

  #mediaHost() {
    const isOpen = () => this.#transport?.isOpen ?? false;
    const { silence } = this.#presence;
    return {
      get isOpen() {
        return isOpen();
      },
      send: (packet: Buffer) => this.#transport?.send(packet) ?? false,
      onFlow: (direction: 'in' | 'out', media: Media, isFlowing: boolean) =>
        this.#events.emit(`flow-${direction}`, { media, isFlowing }),
      onReport: (nowMs: number) => silence.onReport(nowMs),
      onPrompt: (nowMs: number) => silence.onPrompt(nowMs),
      onGoodbye: () => silence.onGoodbye(),
    };
  }
}

function asOwn(endpoint: MediaEndpoint): WebRtcEndpoint {
  if (endpoint instanceof WebRtcEndpoint) return endpoint;
  throw new TypeError('the sink is an endpoint of another kind');
}
