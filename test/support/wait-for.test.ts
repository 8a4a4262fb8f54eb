import { expect, test } from 'vitest';
import { neverWithin, waitFor } from './wait-for.js';

test('returns the first truthy value of the probe', async () => {
  let asked = 0;
  const value = await waitFor('three', () => (++asked === 3 ? 'three' : undefined), { intervalMs: 1 });
  expect([value, asked]).toEqual(['three', 3]);
});

test('the failure names the deadline, the condition, what was there instead and the last error', async () => {
  const waiting = waitFor('an answer', () => Promise.reject(new Error('refused')), {
    timeoutMs: 20,
    intervalMs: 5,
    actual: () => ({ state: 'closed' }),
  });
  await expect(waiting).rejects.toThrow(
    'waited 20 ms for an answer; instead: {"state":"closed"}; last error: refused',
  );
});

test('neverWithin fails once the thing happens, and only then', async () => {
  await neverWithin('nothing', 20, () => false, 5);
  await expect(neverWithin('a leak', 1_000, () => 'leaked', 5)).rejects.toThrow('leaked');
});
