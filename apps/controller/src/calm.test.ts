import { expect, it } from 'vitest';
import { Calm } from './calm.js';

it('is over when the last disturbance is', () => {
  let nowMs = 0;
  const calm = new Calm(() => nowMs);
  expect(calm.isCalm).toBe(true);
  calm.disturb(100);
  calm.disturb(10);
  nowMs = 99;
  expect(calm.isCalm).toBe(false);
  nowMs = 100;
  expect(calm.isCalm).toBe(true);
});
