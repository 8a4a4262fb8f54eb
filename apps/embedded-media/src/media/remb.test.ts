import { expect, it } from 'vitest';
import { RembEstimate } from './remb.js';

it('allows the maximum, gives way to loss and recovers', () => {
  const remb = new RembEstimate();
  expect(remb.bitrateBps).toBe(2_500_000);
  remb.onReport(0.05);
  expect(remb.bitrateBps).toBe(2_500_000);
  remb.onReport(0.4);
  expect(remb.bitrateBps).toBe(2_000_000);
  for (let i = 0; i < 5; i++) remb.onReport(0);
  expect(remb.bitrateBps).toBe(2_500_000);
});

it('keeps between the limits that were set', () => {
  const remb = new RembEstimate();
  remb.setMaxKbps(800);
  remb.setMinKbps(500);
  expect(remb.bitrateBps).toBe(800_000);
  for (let i = 0; i < 50; i++) remb.onReport(0.9);
  expect(remb.bitrateBps).toBe(500_000);
  remb.setMaxKbps(0);
  expect(remb.bitrateBps).toBe(2_500_000);
});

it('never tells a publisher to stop', () => {
  const remb = new RembEstimate();
  for (let i = 0; i < 50; i++) remb.onReport(1);
  expect(remb.bitrateBps).toBe(100_000);
});
