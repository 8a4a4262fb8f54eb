import { PeerConnection, type Track, Video } from 'node-datachannel';
import { waitFor } from '../support/wait-for.js';

const payloadType = 96;
/** The bare loop forwards packets as they are, and names this one to its viewers. */
const ssrc = 4242;
const framesPerSecond = 30;
/** 30 frames of 4 packets of 1,042 bytes, header included: 1 Mbit/s, in bursts as an encoder has them. */
const packetsPerFrame = 4;
const packetBytes = 1_042;
const headerBytes = 12;
/** A keyframe every two seconds. */
const framesPerKeyframe = 60;

/** The client's end of a media server, in pictures nobody could see: each packet says when it was sent. */
export class MediaPeer {
  /** Of every packet that came, if it is asked for: from its sending to here, ms. */
  onDelay: ((ms: number) => void) | undefined;
  private readonly connection: PeerConnection;
  private readonly track: Track;
  private timer: NodeJS.Timeout | undefined;
  private sequence = 0;
  private frame = 0;

  /** `isListening`: only who listens has its packets handed to JavaScript; decrypted are those of all. */
  constructor(role: 'publisher' | 'viewer', isListening = false) {
    this.connection = new PeerConnection(role, { iceServers: [], bindAddress: '127.0.0.1' });
    const video = new Video('video', role === 'publisher' ? 'SendOnly' : 'RecvOnly');
    video.addVP8Codec(payloadType);
    if (role === 'publisher') video.addSSRC(ssrc, 'video', 'video', 'video');
    this.track = this.connection.addTrack(video);
    this.track.onClosed(() => {});
    if (isListening) this.track.onMessage(packet => this.receive(packet));
  }

  /** With all of its candidates. */
  async offer(): Promise<string> {
    this.connection.setLocalDescription('offer');
    await waitFor('candidates', () => this.connection.gatheringState() === 'complete', { intervalMs: 2 });
    return this.connection.localDescription()?.sdp ?? '';
  }

  accept(answer: string): void {
    this.connection.setRemoteDescription(answer, 'answer');
  }

  addCandidate(candidate: string): void {
    this.connection.addRemoteCandidate(candidate, 'video');
  }

  async untilOpen(): Promise<void> {
    await waitFor('a peer to be connected', () => this.track.isOpen(), { timeoutMs: 20_000, intervalMs: 5 });
  }

  start(): void {
    const startedAt = performance.now();
    let sent = 0;
    this.timer = setInterval(() => {
      const due = ((performance.now() - startedAt) * framesPerSecond) / 1_000;
      for (; sent < due; sent += 1) this.sendFrame();
    }, 5);
  }

  pause(): void {
    clearInterval(this.timer);
  }

  close(): void {
    this.pause();
    this.track.close();
    this.connection.close();
  }

  private sendFrame(): void {
    const isKeyframe = this.frame % framesPerKeyframe === 0;
    for (let index = 0; index < packetsPerFrame; index += 1) {
      const packet = Buffer.alloc(packetBytes);
      packet.writeUInt8(0x80, 0);
      packet.writeUInt8(payloadType | (index === packetsPerFrame - 1 ? 0x80 : 0), 1);
      packet.writeUInt16BE(this.sequence++ & 0xffff, 2);
      packet.writeUInt32BE((this.frame * (90_000 / framesPerSecond)) >>> 0, 4);
      packet.writeUInt32BE(ssrc, 8);
      // RFC 7741: the descriptor with the bit for the start of a partition, then the header with that for an inter frame.
      packet.writeUInt8(index === 0 ? 0x10 : 0x00, headerBytes);
      packet.writeUInt8(isKeyframe ? 0x00 : 0x01, headerBytes + 1);
      packet.writeDoubleBE(performance.now(), packetBytes - 8);
      this.track.sendMessageBinary(packet);
    }
    this.frame += 1;
  }

  private receive(packet: Buffer): void {
    if (packet.length === packetBytes)
      this.onDelay?.(performance.now() - packet.readDoubleBE(packetBytes - 8));
  }
}
