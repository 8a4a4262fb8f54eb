import { describe, expect, it } from 'vitest';
import {
  buildBye,
  buildFir,
  buildNack,
  buildPli,
  buildReceiverReport,
  buildRemb,
  buildSenderReport,
  buildSourceDescription,
} from './rtcp-build.js';
import { parseRtcp } from './rtcp-parse.js';

const report = {
  ssrc: 0xffff_fff1,
  fractionLost: 0.25,
  packetsLost: -3,
  extendedSequence: 0x0003_fffe,
  jitter: 77,
  lastSr: 0x8000_0001,
  delaySinceLastSr: 65_536,
};

describe('what is built is what is read', () => {
  it('reports, in one compound', () => {
    const info = {
      ssrc: 0x9000_0000,
      ntp: { seconds: 0xe000_0000, fraction: 0x8000_0000 },
      rtpTimestamp: 0xffff_ffff,
      packets: 10,
      octets: 1000,
    };
    const compound = Buffer.concat([
      buildSenderReport(info, [report]),
      buildSourceDescription(0x9000_0000, 'someone'),
      buildReceiverReport(5, [report, { ...report, ssrc: 2 }]),
    ]);
    expect(parseRtcp(compound)).toEqual([
      { type: 'sender-report', ...info, reports: [report] },
      { type: 'receiver-report', ssrc: 5, reports: [report, { ...report, ssrc: 2 }] },
    ]);
  });

  it('keyframe requests', () => {
    expect(parseRtcp(Buffer.concat([buildPli(1, 0xf000_0000), buildFir(1, 9, 300)]))).toEqual([
      { type: 'pli', mediaSsrc: 0xf000_0000 },
      { type: 'fir', mediaSsrc: 9 },
    ]);
  });

  it('goodbyes', () => {
    expect(parseRtcp(buildBye([1, 0xffff_ffff]))).toEqual([{ type: 'bye', ssrcs: [1, 0xffff_ffff] }]);
  });

  it('lost packets, packed around the wrap', () => {
    const sequenceNumbers = [0xfff0, 0xffff, 0, 1, 30, 400];
    const packet = buildNack(1, 2, sequenceNumbers);
    expect(packet.length).toBe(12 + 4 * 4);
    expect(parseRtcp(packet)).toEqual([{ type: 'nack', mediaSsrc: 2, sequenceNumbers }]);
  });

  it.each([0, 100_000, 262_143, 2_500_000, 100_000_000])(
    'a bitrate of %i within its 18-bit mantissa',
    bps => {
      const [message] = parseRtcp(buildRemb(1, bps, [7, 8]));
      if (message?.type !== 'remb') throw new Error('no REMB');
      expect(message.ssrcs).toEqual([7, 8]);
      expect(message.bitrateBps).toBeLessThanOrEqual(bps);
      expect(message.bitrateBps).toBeGreaterThanOrEqual(bps * 0.99999);
    },
  );
});

describe('what comes from the net', () => {
  it('is read as far as it is whole', () => {
    const cut = Buffer.concat([buildPli(1, 2), buildNack(1, 2, [3])]).subarray(0, -2);
    expect(parseRtcp(cut)).toEqual([{ type: 'pli', mediaSsrc: 2 }]);
  });

  it('never throws, whatever it is', () => {
    for (let i = 0; i < 5000; i++) {
      const length = i % 64;
      const noise = Buffer.from(
        Array.from({ length }, (_, at) => (i * 31 + at * 97 + ((i * at) >> 3)) & 0xff),
      );
      if (length > 4) {
        noise[0] = 0x80 | (i & 0x1f);
        noise[1] = 200 + (i % 8);
        noise.writeUInt16BE(Math.max(0, (length >> 2) - 1), 2);
      }
      expect(Array.isArray(parseRtcp(noise))).toBe(true);
    }
  });

  it('may claim more reports than it carries', () => {
    const packet = buildReceiverReport(1, [report]);
    packet[0] = 0x80 | 31;
    const [message] = parseRtcp(packet);
    expect(message).toMatchObject({ type: 'receiver-report', reports: [report] });
  });
});
