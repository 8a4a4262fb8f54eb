import { afterEach, beforeEach, expect, vi } from 'vitest';

const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;

/** kurento-client writes to the console where it knows no better; in these tests every line of it is a failure. */
export function forbidConsole(): void {
  beforeEach(() => {
    for (const method of methods) vi.spyOn(console, method);
  });
  afterEach(() => {
    // biome-ignore lint/suspicious/noConsole: it is what is watched
    const lines = methods.flatMap(method => vi.mocked(console[method]).mock.calls);
    vi.restoreAllMocks();
    expect(lines).toEqual([]);
  });
}
