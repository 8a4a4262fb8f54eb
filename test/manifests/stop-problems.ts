import type { AppConfig } from './app-settings.js';

/**
 * R-NODE-1 needs the time it asks for: whoever kills the process waits for the drain and for the stop after it.
 * `pauseMs` passes before the process hears that it is to stop.
 */
export function stopProblems(config: AppConfig, graceSeconds: number, pauseMs = 0): string[] {
  const { stopDeadlineMs, drainMs = 0 } = config;
  if (stopDeadlineMs === undefined) return [];
  const neededMs = pauseMs + drainMs + stopDeadlineMs;
  return [
    ...(graceSeconds * 1_000 > neededMs
      ? []
      : [`killed after ${graceSeconds} s, but a stop may take ${neededMs} ms`]),
    ...(drainMs < stopDeadlineMs
      ? []
      : [`waits ${drainMs} ms for its clients, but ends itself after ${stopDeadlineMs} ms`]),
  ];
}
