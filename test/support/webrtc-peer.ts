import * as rtc from 'node-datachannel';
import { audioStream, isRtcp, type RtpStream, rtpPacket, videoStream } from './rtp-packet.js';
import { waitFor } from './wait-for.js';

export type Direction = 'send' | 'receive';
export type Medium = 'audio' | 'video';

export interface PeerCandidate {
  candidate: string;
  sdpMid: string;
  sdpMLineIndex: number;
}

const PAYLOAD_TYPE = { audio: 111, video: 96 } as const;
const PACKETS_PER_SECOND = { audio: 50, video: 30 } as const;
const MIDS: Medium[] = ['audio', 'video'];

let peers = 0;

/** The other end of a WebRtcEndpoint: a browser without pictures. Real ICE, DTLS, SRTP; whole VP8 and Opus frames. */
export class WebRtcPeer {
  readonly received = { audio: 0, video: 0 };
  /** When the last media packet came, in ms of performance.now(); 0 before the first. */
  lastReceivedAt = 0;
  /** The longest time between two media packets of either medium. */
  longestGapMs = 0;
  readonly candidates: PeerCandidate[] = [];
  onCandidate: (candidate: PeerCandidate) => void = () => undefined;
  onState: () => void = () => undefined;

  readonly #connection: rtc.PeerConnection;
  readonly #tracks = new Map<Medium, rtc.Track>();
  readonly #sent = { audio: 0, video: 0 };
  readonly #timers: NodeJS.Timeout[] = [];
  #ssrcs: Record<Medium, number>;
  #description: { sdp: string; type: string } | undefined;

  constructor(readonly direction: Direction) {
    const number = ++peers;
    this.#ssrcs = { audio: number * 2 + 1, video: number * 2 + 2 };
    this.#connection = new rtc.PeerConnection(`peer-${number}`, {
      iceServers: [],
      disableAutoNegotiation: true,
      forceMediaTransport: true,
    });
    this.#connection.onLocalDescription((sdp, type) => {
      this.#description = { sdp, type };
    });
    this.#connection.onLocalCandidate((candidate, mid) => {
      const found = {
        candidate: candidate.replace(/^a=/, ''),
        sdpMid: mid,
        sdpMLineIndex: Math.max(0, this.#mids().indexOf(mid)),
      };
      this.candidates.push(found);
      this.onCandidate(found);
    });
    this.#connection.onStateChange(() => this.onState());
    this.#connection.onTrack(track => this.#listen(track));
  }

  /** Media packets so far. */
  get sent(): Readonly<Record<Medium, number>> {
    return { ...this.#sent };
  }

  get state(): string {
    return this.#connection.state();
  }

  async offer(): Promise<string> {
    for (const medium of MIDS) this.#addTrack(medium);
    this.#connection.setLocalDescription('offer');
    return this.#localSdp();
  }

  acceptAnswer(sdp: string): void {
    this.#connection.setRemoteDescription(sdp, 'answer');
  }

  /** A peer that answers takes its directions from the offer; `send` is for peers that offer. */
  async answer(offer: string): Promise<string> {
    this.#connection.setRemoteDescription(offer, 'offer');
    this.#connection.setLocalDescription('answer');
    return this.#localSdp();
  }

  addCandidate({ candidate, sdpMid }: PeerCandidate): void {
    this.#connection.addRemoteCandidate(candidate, sdpMid);
  }

  /** From when it is connected; both media unless one is named. */
  startSending(media: Medium[] = MIDS): void {
    for (const medium of media) {
      const stream = this.#stream(medium);
      const track = this.#tracks.get(medium);
      const timer = setInterval(() => {
        if (track?.isOpen()) track.sendMessageBinary(rtpPacket(stream, this.#sent[medium]++));
      }, 1_000 / PACKETS_PER_SECOND[medium]);
      this.#timers.push(timer);
    }
  }

  stopSending(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  async untilConnected(timeoutMs = 15_000): Promise<void> {
    await waitFor('the peer to be connected', () => this.state === 'connected', {
      timeoutMs,
      actual: () => this.state,
    });
  }

  /** Resolves once that many more packets of each named medium came. */
  async untilReceived(packets: number, media: Medium[] = MIDS, timeoutMs = 10_000): Promise<void> {
    const before = { ...this.received };
    await waitFor(
      `${packets} more packets of ${media.join(' and ')}`,
      () => media.every(medium => this.received[medium] - before[medium] >= packets),
      { timeoutMs, actual: () => ({ state: this.state, before, now: this.received }) },
    );
  }

  close(): void {
    this.stopSending();
    for (const track of this.#tracks.values()) track.close();
    this.#connection.close();
  }

  #addTrack(medium: Medium): void {
    const direction = this.direction === 'send' ? 'SendOnly' : 'RecvOnly';
    const description =
      medium === 'audio' ? new rtc.Audio(medium, direction) : new rtc.Video(medium, direction);
    if (description instanceof rtc.Audio) description.addOpusCodec(PAYLOAD_TYPE.audio);
    else description.addVP8Codec(PAYLOAD_TYPE.video);
    if (this.direction === 'send') description.addSSRC(this.#ssrcs[medium], 'peer', 'stream', medium);
    this.#listen(this.#connection.addTrack(description));
  }

  #listen(track: rtc.Track): void {
    const medium = track.type() as Medium;
    this.#tracks.set(medium, track);
    // Without this listener the binding keeps the track after its end, and cleanup() crashes on it.
    track.onClosed(() => undefined);
    track.onMessage(packet => {
      if (isRtcp(packet)) return;
      this.received[medium]++;
      const now = performance.now();
      if (this.lastReceivedAt) this.longestGapMs = Math.max(this.longestGapMs, now - this.lastReceivedAt);
      this.lastReceivedAt = now;
    });
  }

  #stream(medium: Medium): RtpStream {
    const make = medium === 'audio' ? audioStream : videoStream;
    return make(PAYLOAD_TYPE[medium], this.#ssrcs[medium], PACKETS_PER_SECOND[medium]);
  }

  #mids(): string[] {
    return [...(this.#description?.sdp.matchAll(/^a=mid:(\S+)/gm) ?? [])].map(([, mid]) => mid as string);
  }

  async #localSdp(): Promise<string> {
    const { sdp } = await waitFor('the local description', () => this.#description);
    return sdp;
  }
}

/** Without it the native threads keep the process from ending. Once, after the last peer of a file. */
export function stopWebRtc(): void {
  rtc.cleanup();
}
