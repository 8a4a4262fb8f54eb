import { describe, expect, it, vi } from 'vitest';
import { startHeartbeat } from './heartbeat.js';
import { ManualTimers } from './testing/manual-timers.js';

function start() {
  const timers = new ManualTimers();
  const ping = vi.fn();
  const onDead = vi.fn();
  const heartbeat = startHeartbeat({ periodMs: 1_000, timers, ping, onDead });
  return { timers, ping, onDead, heartbeat };
}

describe('the heartbeat', () => {
  it('goes on for as long as every ping is answered', () => {
    const { timers, ping, onDead, heartbeat } = start();
    ping.mockImplementation(() => heartbeat.onPong());
    timers.advance(60_000);
    expect(ping).toHaveBeenCalledTimes(60);
    expect(onDead).not.toHaveBeenCalled();
  });

  it('says once that the socket is dead, two periods after the last pong', () => {
    const { timers, onDead, ping, heartbeat } = start();
    timers.advance(1_000);
    heartbeat.onPong();
    timers.advance(1_999);
    expect(onDead).not.toHaveBeenCalled();
    timers.advance(1);
    expect(onDead).toHaveBeenCalledOnce();
    timers.advance(60_000);
    expect(onDead).toHaveBeenCalledOnce();
    expect(ping).toHaveBeenCalledTimes(2);
  });

  it('leaves no timer behind', () => {
    const { timers, heartbeat } = start();
    heartbeat.stop();
    expect(timers.pendingCount).toBe(0);
  });
});
