/** One frame that every VP8 decoder takes: a key frame of a single pixel. */
const VP8_KEY_FRAME = Buffer.from('3001009d012a0100010000' + '0ec0fe25a4000370000000', 'hex');
/** RFC 7741: start of partition 0, no extensions. */
const VP8_DESCRIPTOR = Buffer.from([0x10]);
/** RFC 6716: 20 ms of silence. */
const OPUS_SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);

export interface RtpStream {
  payloadType: number;
  ssrc: number;
  /** Of the RTP clock, per packet. */
  ticksPerPacket: number;
  payload: Buffer;
}

export const videoStream = (payloadType: number, ssrc: number, packetsPerSecond: number): RtpStream => ({
  payloadType,
  ssrc,
  ticksPerPacket: Math.round(90_000 / packetsPerSecond),
  payload: Buffer.concat([VP8_DESCRIPTOR, VP8_KEY_FRAME]),
});

export const audioStream = (payloadType: number, ssrc: number, packetsPerSecond: number): RtpStream => ({
  payloadType,
  ssrc,
  ticksPerPacket: Math.round(48_000 / packetsPerSecond),
  payload: OPUS_SILENCE,
});

/** The `index`th packet of a stream; each is a whole frame, hence the marker on video. */
export function rtpPacket(stream: RtpStream, index: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(0x80, 0);
  header.writeUInt8(0x80 | stream.payloadType, 1);
  header.writeUInt16BE(index & 0xffff, 2);
  header.writeUInt32BE((index * stream.ticksPerPacket) % 2 ** 32, 4);
  header.writeUInt32BE(stream.ssrc, 8);
  return Buffer.concat([header, stream.payload]);
}

/** RFC 5761: what a demultiplexer goes by. */
export function isRtcp(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}
