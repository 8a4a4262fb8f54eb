import { describe, expect, it } from 'vitest';
import { FlowWatch } from './flow-watch.js';
import { SilenceWatch } from './silence-watch.js';

describe('FlowWatch', () => {
  it('tells of the first packet and of two seconds without any', () => {
    const changes: boolean[] = [];
    const flow = new FlowWatch(isFlowing => changes.push(isFlowing));
    flow.onPacket(0);
    flow.onPacket(1000);
    flow.onTick(2900);
    expect(changes).toEqual([true]);
    flow.onTick(3000);
    flow.onTick(3050);
    flow.onPacket(4000);
    expect(changes).toEqual([true, false, true]);
  });
});

describe('SilenceWatch', () => {
  const heard = (intervalMs: number, options: { isReporting: boolean; isPrompted?: boolean }) => {
    const watch = new SilenceWatch();
    for (let i = 0; i < 10; i++) {
      if (options.isPrompted) watch.onPrompt(i * intervalMs);
      watch.onPacket(i * intervalMs);
      if (options.isReporting) watch.onReport(i * intervalMs);
    }
    return { watch, lastMs: 9 * intervalMs };
  };

  it('misses a peer that reported every second', () => {
    const { watch, lastMs } = heard(1000, { isReporting: true });
    expect(watch.isGone(lastMs + 7900)).toBe(false);
    expect(watch.isGone(lastMs + 8100)).toBe(true);
  });

  it('is patient with one that reports seldom', () => {
    const { watch, lastMs } = heard(5000, { isReporting: true });
    expect(watch.isGone(lastMs + 14_000)).toBe(false);
    expect(watch.isGone(lastMs + 16_000)).toBe(true);
  });

  it('calls one silent, but not gone, that never reported', () => {
    const { watch, lastMs } = heard(33, { isReporting: false });
    expect(watch.isSilent(lastMs + 8100)).toBe(true);
    expect(watch.isGone(lastMs + 60_000)).toBe(false);
  });

  it('expects answers only where it has asked', () => {
    const { watch, lastMs } = heard(1000, { isReporting: true, isPrompted: true });
    expect(watch.isGone(lastMs + 60_000)).toBe(false);
    watch.onPrompt(lastMs + 60_000);
    expect(watch.isGone(lastMs + 60_100)).toBe(true);
  });

  it('does not judge one that said goodbye', () => {
    const { watch, lastMs } = heard(1000, { isReporting: true });
    watch.onGoodbye();
    expect(watch.isGone(lastMs + 60_000)).toBe(false);
  });
});
