import { Audio, PeerConnection, type Track, Video } from 'node-datachannel';
import { type Codec, h264FromFmtp } from '../codec.js';
import type { MediaEndpoint } from '../media-endpoint.js';
import { compactNtp, ntpFromUnixMs } from '../ntp-time.js';
import { buildNack, buildPli, buildReceiverReport, buildSenderReport } from '../rtcp-build.js';
import type { RtcpMessage } from '../rtcp-message.js';
import { parseRtcp } from '../rtcp-parse.js';
import { isRtcp, parseRtp, payloadTypeOf, type RtpPacket } from '../rtp-packet.js';
import { h264Payload, opusPayload, rtp, vp8Payload } from './rtp-sample.js';
import { until } from './until.js';

export interface PeerCodecs {
  opus: number;
  vp8?: number;
  h264?: number;
}

export interface ReceivedPacket extends RtpPacket {
  payloadType: number;
}

/** A WebRTC client without a browser: libdatachannel with packets of our own making. */
export class SyntheticPeer {
  readonly audio: ReceivedPacket[] = [];
  readonly video: ReceivedPacket[] = [];
  readonly rtcp: RtcpMessage[] = [];
  readonly audioSsrc = 1000 + Math.floor(Math.random() * 1e9);
  readonly videoSsrc = this.audioSsrc + 1;
  /** Answers every keyframe request at once, as an encoder does. */
  answersPli = true;
  sequence = 0xfff0;
  timestamp = 0xffff_0000;
  readonly #connection: PeerConnection;
  readonly #audioTrack: Track;
  readonly #videoTrack: Track;
  #timer: NodeJS.Timeout | undefined;
  #reporter: NodeJS.Timeout | undefined;
  #heardAtMs = 0;
  #audioSequence = 7;
  #audioTimestamp = 1;

  constructor(
    name: string,
    readonly codecs: PeerCodecs,
    readonly role: 'publisher' | 'viewer',
  ) {
    const direction = role === 'publisher' ? 'SendOnly' : 'RecvOnly';
    this.#connection = new PeerConnection(name, { iceServers: [], bindAddress: '127.0.0.1' });
    const audio = new Audio('a', direction);
    audio.addOpusCodec(codecs.opus);
    const video = new Video('v', direction);
    if (codecs.vp8 !== undefined) video.addVP8Codec(codecs.vp8);
    if (codecs.h264 !== undefined) video.addH264Codec(codecs.h264);
    if (role === 'publisher') {
      audio.addSSRC(this.audioSsrc, name, name, `${name}-a`);
      video.addSSRC(this.videoSsrc, name, name, `${name}-v`);
    }
    this.#audioTrack = this.#connection.addTrack(audio);
    this.#videoTrack = this.#connection.addTrack(video);
    this.#audioTrack.onMessage(packet => this.#receive(packet, this.audio));
    this.#videoTrack.onMessage(packet => this.#receive(packet, this.video));
  }

  get state(): string {
    return this.#connection.state();
  }

  /** Offers itself to an endpoint and exchanges candidates both ways; resolves with the answer. */
  async join(endpoint: MediaEndpoint): Promise<string> {
    endpoint.on('candidate', ({ candidate }) => this.#connection.addRemoteCandidate(candidate, 'a'));
    const gathered: string[] = [];
    this.#connection.onLocalCandidate(candidate => gathered.push(candidate));
    this.#connection.setLocalDescription('offer');
    const offer = this.#connection.localDescription()?.sdp ?? '';
    const answer = await endpoint.processOffer(offer);
    this.#connection.setRemoteDescription(answer, 'answer');
    endpoint.gatherCandidates();
    await until('candidates', () => gathered.length > 0);
    for (const candidate of gathered) endpoint.addIceCandidate({ candidate, sdpMid: 'a', sdpMLineIndex: 0 });
    return answer;
  }

  async connected(): Promise<void> {
    await until('tracks open', () => this.#videoTrack.isOpen() && this.#audioTrack.isOpen());
  }

  /** 30 pictures and 50 sounds a second, the first picture a keyframe. */
  startSending(): void {
    let tick = 0;
    this.sendVideo('key');
    this.#timer = setInterval(() => {
      this.sendAudio();
      if (tick++ % 2 === 0) this.sendVideo('inter');
    }, 20);
  }

  stopSending(): void {
    clearInterval(this.#timer);
  }

  sendVideo(kind: 'key' | 'inter', options: { isLost?: boolean; sequence?: number } = {}): void {
    const isVp8 = this.codecs.vp8 !== undefined;
    if (options.sequence === undefined) this.timestamp += 3000;
    const sequence = options.sequence ?? this.sequence++;
    const packet = rtp({
      payloadType: (isVp8 ? this.codecs.vp8 : this.codecs.h264) as number,
      sequenceNumber: sequence,
      timestamp: this.timestamp,
      ssrc: this.videoSsrc,
      isMarked: true,
      payload: isVp8 ? vp8Payload(kind) : h264Payload(kind),
    });
    if (!options.isLost) this.#videoTrack.sendMessageBinary(packet);
  }

  sendAudio(): void {
    this.#audioTimestamp += 960;
    const packet = rtp({
      payloadType: this.codecs.opus,
      sequenceNumber: this.#audioSequence++,
      timestamp: this.#audioTimestamp,
      ssrc: this.audioSsrc,
      payload: opusPayload,
    });
    this.#audioTrack.sendMessageBinary(packet);
  }

  /** As browsers do every second: a publisher its times, a viewer what it received. */
  startReporting(): void {
    this.#reporter = setInterval(() => {
      if (this.role === 'publisher') this.#sendSenderReports();
      else this.#sendReceiverReport();
    }, 100);
  }

  #sendSenderReports(): void {
    const ntp = ntpFromUnixMs(Date.now());
    const counts = { ntp, packets: 1, octets: 1 };
    const video = { ssrc: this.videoSsrc, rtpTimestamp: this.timestamp, ...counts };
    const audio = { ssrc: this.audioSsrc, rtpTimestamp: this.#audioTimestamp, ...counts };
    for (const info of [video, audio]) this.sendRtcp(buildSenderReport(info, []));
  }

  #sendReceiverReport(): void {
    const reports = this.ofType('sender-report').slice(-1);
    for (const { ssrc, ntp } of reports) {
      const seen = { ssrc, fractionLost: 0, packetsLost: 0, extendedSequence: 0, jitter: 0 };
      const delaySinceLastSr = Math.round(((performance.now() - this.#heardAtMs) / 1000) * 65_536);
      this.sendRtcp(buildReceiverReport(1, [{ ...seen, lastSr: compactNtp(ntp), delaySinceLastSr }]));
    }
  }

  sendRtcp(packet: Buffer): void {
    this.#videoTrack.sendMessageBinary(packet);
  }

  sendNack(sequenceNumbers: number[]): void {
    this.sendRtcp(
      Buffer.concat([buildReceiverReport(1, []), buildNack(1, this.video[0]?.ssrc ?? 0, sequenceNumbers)]),
    );
  }

  sendPli(): void {
    this.sendRtcp(Buffer.concat([buildReceiverReport(1, []), buildPli(1, this.video[0]?.ssrc ?? 0)]));
  }

  ofType<T extends RtcpMessage['type']>(type: T): Extract<RtcpMessage, { type: T }>[] {
    return this.rtcp.filter((message): message is Extract<RtcpMessage, { type: T }> => message.type === type);
  }

  close(): void {
    this.stopSending();
    clearInterval(this.#reporter);
    this.#audioTrack.close();
    this.#videoTrack.close();
    this.#connection.close();
  }

  #codecOf(payloadType: number): Codec | undefined {
    if (payloadType === this.codecs.opus) return { name: 'opus' };
    if (payloadType === this.codecs.vp8) return { name: 'VP8' };
    return payloadType === this.codecs.h264 ? h264FromFmtp(undefined) : undefined;
  }

  #receive(packet: Buffer, into: ReceivedPacket[]): void {
    if (!isRtcp(packet)) {
      const codec = this.#codecOf(payloadTypeOf(packet));
      const parsed = codec && parseRtp(packet, codec);
      if (parsed) into.push({ ...parsed, payloadType: payloadTypeOf(packet) });
      return;
    }
    for (const message of parseRtcp(packet)) {
      this.rtcp.push(message);
      if (message.type === 'sender-report') this.#heardAtMs = performance.now();
      if (message.type === 'pli' && this.answersPli && this.#videoTrack.isOpen()) this.sendVideo('key');
    }
  }
}
