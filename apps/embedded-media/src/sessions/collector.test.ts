import { createLogger } from '@manycast/runtime';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Collector } from './collector.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('sweeps once per period while it runs', async () => {
  const collect = vi.fn(() => []);
  const collector = new Collector({
    periodMs: 4_000,
    collect,
    log: createLogger({ name: 't', level: 'silent' }),
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(collect).not.toHaveBeenCalled();
  await collector.start();
  await vi.advanceTimersByTimeAsync(12_000);
  expect(collect).toHaveBeenCalledTimes(3);
  await collector.stop();
  await vi.advanceTimersByTimeAsync(12_000);
  expect(collect).toHaveBeenCalledTimes(3);
});
