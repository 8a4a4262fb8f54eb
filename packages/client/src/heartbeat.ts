import { createAlarm, type Timers } from './timers.js';

/** Asks the server whether it is there, and says when it is not. */
export interface Heartbeat {
  onPong(): void;
  stop(): void;
}

export interface HeartbeatOrder {
  periodMs: number;
  timers: Timers;
  ping: () => void;
  /** Once: a ping stayed without a pong for a whole period, so there was none for two. */
  onDead: () => void;
}

/**
 * Counts periods and not the time: a machine that slept wakes to one more ping, not to a dead socket. Only a pong
 * counts, because only a pong proves both directions.
 */
export function startHeartbeat({ periodMs, timers, ping, onDead }: HeartbeatOrder): Heartbeat {
  const alarm = createAlarm(timers);
  let isAnswered = true;
  function beat() {
    if (!isAnswered) return onDead();
    isAnswered = false;
    ping();
    alarm.set(periodMs, beat);
  }
  alarm.set(periodMs, beat);
  return {
    onPong: () => {
      isAnswered = true;
    },
    stop: alarm.clear,
  };
}
