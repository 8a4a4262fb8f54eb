import { describe, expect, it } from 'vitest';
import { sampleOf, statsLine } from './stats-line.js';

const received = (frames: number, bytes: number) => [
  { type: 'codec', mimeType: 'video/VP8' },
  {
    type: 'inbound-rtp',
    kind: 'video',
    bytesReceived: bytes,
    framesDecoded: frames,
    frameWidth: 1280,
    frameHeight: 720,
    packetsReceived: 900,
    packetsLost: 3,
  },
  { type: 'inbound-rtp', kind: 'audio', bytesReceived: 1_000, packetsReceived: 50, packetsLost: -1 },
];

describe('the stats line', () => {
  it('says resolution, frames, bits and losses of what is received', () => {
    const before = sampleOf(received(100, 100_000), 1_000);
    const now = sampleOf(received(160, 400_000), 3_000);
    if (!now) throw new Error('no sample');
    expect(statsLine(now, before)).toBe('1280×720 · 30 fps · 1.2 Mbit/s · 3 packets lost');
    expect(now.audioPackets).toBe(50);
  });

  it('takes a sender’s losses from the other side’s report', () => {
    const sample = sampleOf(
      [
        {
          type: 'outbound-rtp',
          kind: 'video',
          bytesSent: 10,
          framesEncoded: 1,
          frameWidth: 640,
          frameHeight: 360,
        },
        { type: 'outbound-rtp', kind: 'audio', bytesSent: 5, packetsSent: 2 },
        { type: 'remote-inbound-rtp', kind: 'video', packetsLost: 1 },
      ],
      0,
    );
    expect(sample).toMatchObject({ bytes: 15, framesCoded: 1, audioPackets: 2, packetsLost: 1 });
    expect(sample && statsLine(sample, undefined)).toBe('640×360 · 1 packet lost');
  });

  it('shows a stall as zero, and a counter that began anew as zero', () => {
    const before = sampleOf(received(100, 100_000), 0);
    const stalled = sampleOf(received(100, 100_000), 1_000);
    const reset = sampleOf(received(0, 0), 1_000);
    expect(stalled && statsLine(stalled, before)).toContain('0 fps · 0 kbit/s');
    expect(reset && statsLine(reset, before)).toContain('0 fps · 0 kbit/s');
  });

  it('is silent before anything flows', () => {
    expect(sampleOf([{ type: 'candidate-pair' }], 0)).toBeUndefined();
  });
});
