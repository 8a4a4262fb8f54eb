import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from './logger.js';
import { onTermination } from './termination.js';

describe('a process that is asked to stop', () => {
  const exits: unknown[] = [];
  let stops: string[];
  let finish: () => void;

  beforeEach(() => {
    exits.length = 0;
    stops = [];
    vi.spyOn(process, 'exit').mockImplementation(code => exits.push(code) as never);
    const stop = (signal: string) => {
      stops.push(signal);
      return new Promise<void>(resolve => {
        finish = resolve;
      });
    };
    onTermination(stop, { log: createLogger({ name: 'test', level: 'silent' }), deadlineMs: 60_000 });
  });
  afterEach(() => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.removeAllListeners(signal);
    vi.restoreAllMocks();
  });

  it('[R-NODE-1] goes on stopping in order when it is asked again', async () => {
    for (const _ of [1, 2]) process.emit('SIGTERM', 'SIGTERM');
    expect([stops, exits]).toEqual([['SIGTERM'], []]);
    finish();
    await vi.waitFor(() => expect(exits).toEqual([0]));
  });

  it('ends at once when somebody waits at a keyboard', () => {
    process.emit('SIGTERM', 'SIGTERM');
    process.emit('SIGINT', 'SIGINT');
    expect(exits).toEqual([1]);
  });
});
