/** RTP as encoders write it, with just enough of a payload for a forwarding server to tell pictures apart. */
export interface RtpSample {
  payloadType: number;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
  isMarked?: boolean;
  payload: Buffer;
}

export function rtp(sample: RtpSample): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = sample.payloadType | (sample.isMarked ? 0x80 : 0);
  header.writeUInt16BE(sample.sequenceNumber & 0xffff, 2);
  header.writeUInt32BE(sample.timestamp >>> 0, 4);
  header.writeUInt32BE(sample.ssrc >>> 0, 8);
  return Buffer.concat([header, sample.payload]);
}

const FILL = Buffer.alloc(200, 0xa5);

/** RFC 7741: X=0, S=1, PID=0; then P=0 for a keyframe. */
export function vp8Payload(kind: 'key' | 'inter', body: Buffer = FILL): Buffer {
  return Buffer.concat([Buffer.from([0x10, kind === 'key' ? 0x00 : 0x01]), body]);
}

/** RFC 6184: a STAP-A of parameter sets, or a non-IDR slice. */
export function h264Payload(kind: 'key' | 'inter', body: Buffer = FILL): Buffer {
  const start = kind === 'key' ? [0x78, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 0, 2, 0x68, 0xce] : [0x41, 0x9a];
  return Buffer.concat([Buffer.from(start), body]);
}

export const opusPayload = Buffer.from([0xf8, 0xff, 0xfe]);
