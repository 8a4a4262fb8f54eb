import { describe, expect, it } from 'vitest';
import { isRtcp, parseRtp, payloadTypeOf, writeRtpHeader } from './rtp-packet.js';
import { opusPayload, rtp, vp8Payload } from './testing/rtp-sample.js';

const sample = { payloadType: 96, sequenceNumber: 0xfffe, timestamp: 0xffff_fff0, ssrc: 0xdead_beef };
const vp8 = { name: 'VP8' } as const;

describe('parseRtp', () => {
  it('reads the header and knows a keyframe', () => {
    const packet = parseRtp(rtp({ ...sample, isMarked: true, payload: vp8Payload('key') }), vp8);
    expect(packet).toMatchObject({
      ssrc: 0xdead_beef,
      sequenceNumber: 0xfffe,
      timestamp: 0xffff_fff0,
      isMarked: true,
      payloadStart: 12,
      isKeyframeStart: true,
    });
  });

  it('finds the payload behind contributing sources and an extension, and before padding', () => {
    const extension = Buffer.from([0xbe, 0xde, 0, 1, 1, 2, 3, 4]);
    const body = Buffer.concat([
      Buffer.alloc(8),
      extension,
      vp8Payload('inter', Buffer.alloc(4)),
      Buffer.from([0, 0, 3]),
    ]);
    const buffer = rtp({ ...sample, payload: body });
    buffer[0] = 0x80 | 0x20 | 0x10 | 2;
    const packet = parseRtp(buffer, vp8);
    expect(packet?.payloadStart).toBe(12 + 8 + 8);
    expect(packet?.payloadEnd).toBe(buffer.length - 3);
    expect(packet?.isKeyframeStart).toBe(false);
  });

  it.each([
    ['too short', Buffer.alloc(11, 0x80)],
    ['another version', rtp({ ...sample, payload: opusPayload }).fill(0x40, 0, 1)],
    ['an extension beyond the end', rtp({ ...sample, payload: Buffer.from([0, 0, 0, 9]) }).fill(0x90, 0, 1)],
    ['more padding than packet', rtp({ ...sample, payload: Buffer.from([200]) }).fill(0xa0, 0, 1)],
  ])('refuses %s', (_, buffer) => {
    expect(parseRtp(buffer, vp8)).toBeUndefined();
  });
});

it('writes another peer’s numbers and leaves the payload alone', () => {
  const packet = parseRtp(rtp({ ...sample, isMarked: true, payload: opusPayload }), { name: 'opus' });
  if (!packet) throw new Error('not parsed');
  writeRtpHeader(packet, 120, 0x1234, 0x8765_4321, 0xf000_0001);
  const again = parseRtp(packet.buffer, { name: 'opus' });
  expect(again).toMatchObject({
    sequenceNumber: 0x1234,
    timestamp: 0x8765_4321,
    ssrc: 0xf000_0001,
    isMarked: true,
  });
  expect(payloadTypeOf(packet.buffer)).toBe(120);
  expect(packet.buffer.subarray(12)).toEqual(opusPayload);
});

it('tells RTCP from RTP on one port', () => {
  expect(isRtcp(Buffer.from([0x80, 200]))).toBe(true);
  expect(isRtcp(Buffer.from([0x80, 206]))).toBe(true);
  expect(isRtcp(Buffer.from([0x80, 96 | 0x80]))).toBe(false);
  expect(isRtcp(Buffer.from([0x80, 111]))).toBe(false);
});
