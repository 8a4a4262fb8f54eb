import { expect, it } from 'vitest';
import { MissingPackets } from './missing-packets.js';

it('asks at once, again after a round trip, and no more once the packet came', () => {
  const missing = new MissingPackets();
  expect(missing.onPacket(0xfffe)).toBe('complete');
  expect(missing.onPacket(2)).toBe('hole');
  expect(missing.due(0)).toEqual([0xffff, 0, 1]);
  expect(missing.due(50)).toEqual([]);
  missing.onPacket(0);
  expect(missing.due(100)).toEqual([0xffff, 1]);
});

it('gives up in the end', () => {
  const missing = new MissingPackets();
  missing.onPacket(1);
  missing.onPacket(3);
  let asked = 0;
  for (let now = 0; now < 10_000; now += 50) asked += missing.due(now).length;
  expect(asked).toBe(8);
  expect(missing.isEmpty).toBe(true);
});

it('does not ask for a flood, and goes on from there', () => {
  const missing = new MissingPackets();
  missing.onPacket(1);
  expect(missing.onPacket(500)).toBe('flood');
  expect(missing.due(0)).toEqual([]);
  expect(missing.onPacket(502)).toBe('hole');
  expect(missing.due(0)).toEqual([501]);
});
