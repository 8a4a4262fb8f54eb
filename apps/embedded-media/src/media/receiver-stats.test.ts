import { describe, expect, it } from 'vitest';
import { ReceiverStats } from './receiver-stats.js';

const CLOCK = 90_000;

describe('ReceiverStats', () => {
  it('counts loss per interval and in total, across the wrap', () => {
    const stats = new ReceiverStats(1, CLOCK);
    for (const sequence of [0xfffd, 0xfffe, 1, 2]) stats.onPacket(sequence, 0, 100, 0);
    const first = stats.report(0);
    expect(first.extendedSequence).toBe(0x1_0002);
    expect(first.packetsLost).toBe(2);
    expect(first.fractionLost).toBeCloseTo(2 / 6);
    stats.onPacket(3, 0, 100, 0);
    expect(stats.report(0)).toMatchObject({ fractionLost: 0, packetsLost: 2 });
  });

  it('takes a repaired packet off the loss', () => {
    const stats = new ReceiverStats(1, CLOCK);
    for (const sequence of [10, 12, 11]) stats.onPacket(sequence, 0, 100, 0);
    expect(stats.report(0)).toMatchObject({ packetsLost: 0, extendedSequence: 12 });
  });

  it('starts over when the sender does', () => {
    const stats = new ReceiverStats(1, CLOCK);
    stats.onPacket(100, 0, 100, 0);
    stats.onPacket(40_000, 0, 100, 0);
    expect(stats.report(0)).toMatchObject({ packetsLost: 0, extendedSequence: 40_000 });
  });

  it('measures jitter as RFC 3550 A.8 does', () => {
    const steady = new ReceiverStats(1, CLOCK);
    const uneven = new ReceiverStats(2, CLOCK);
    for (let i = 0; i < 200; i++) {
      steady.onPacket(i, i * 3000, 100, i * (1000 / 30));
      uneven.onPacket(i, i * 3000, 100, i * (1000 / 30) + (i % 2) * 10);
    }
    expect(steady.jitterMs).toBeLessThan(0.1);
    expect(uneven.jitterMs).toBeCloseTo(10, 0);
  });

  it('quotes the last sender report and how long ago it came', () => {
    const stats = new ReceiverStats(1, CLOCK);
    stats.onPacket(1, 0, 100, 0);
    expect(stats.report(0)).toMatchObject({ lastSr: 0, delaySinceLastSr: 0 });
    stats.onSenderReport(0xabcd_0123, 1000);
    expect(stats.report(1500)).toMatchObject({ lastSr: 0xabcd_0123, delaySinceLastSr: 32_768 });
  });
});
