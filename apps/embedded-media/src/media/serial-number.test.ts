import { expect, it } from 'vitest';
import { sequenceDistance, timestampDistance } from './serial-number.js';

it('measures across the wrap, both ways', () => {
  expect(sequenceDistance(2, 0xfffe)).toBe(4);
  expect(sequenceDistance(0xfffe, 2)).toBe(-4);
  expect(timestampDistance(10, 0xffff_fff0)).toBe(26);
  expect(timestampDistance(0xffff_fff0, 10)).toBe(-26);
});
