import { setInterval as every } from 'node:timers';

export type StopReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** One Ctrl-C arrives twice: from the terminal and, a moment later, handed on by npm. */
const sameKeyPressMs = 1000;
const parentCheckMs = 500;

export interface StopRequest {
  /** Aborted with the first request. */
  stopped: AbortSignal;
  reason: StopReason | undefined;
  /** Called when somebody asks again after a while. */
  onImpatience: (() => void) | undefined;
}

/**
 * Listens for the signals that mean "stop", and for the end of the npm that started us: killed the hard way,
 * it can hand nothing on.
 */
export function listenForStop({ parentIsNpm }: { parentIsNpm: boolean }): StopRequest {
  const stop = new AbortController();
  const request: StopRequest = { stopped: stop.signal, reason: undefined, onImpatience: undefined };
  let firstAt = 0;
  const ask = (reason: StopReason) => {
    if (request.reason === undefined) {
      firstAt = Date.now();
      request.reason = reason;
      stop.abort();
    } else if (Date.now() - firstAt > sameKeyPressMs) {
      request.onImpatience?.();
    }
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  process.on('SIGHUP', ask);
  if (parentIsNpm) {
    const parent = process.ppid;
    every(() => {
      if (process.ppid !== parent && request.reason === undefined) ask('SIGHUP');
    }, parentCheckMs).unref();
  }
  return request;
}
