import { expect, it } from 'vitest';
import { PliThrottle } from './pli-throttle.js';

it('lets the first through at once and the rest of an interval as one at its end', () => {
  const throttle = new PliThrottle(500);
  expect(throttle.request(1000)).toBe(true);
  expect(throttle.request(1001)).toBe(false);
  expect(throttle.request(1400)).toBe(false);
  expect(throttle.due(1499)).toBe(false);
  expect(throttle.due(1500)).toBe(true);
  expect(throttle.due(3000)).toBe(false);
});

it('forgets what a keyframe has answered already', () => {
  const throttle = new PliThrottle(500);
  throttle.request(0);
  throttle.request(100);
  throttle.onKeyframe();
  expect(throttle.due(600)).toBe(false);
});
