import type { Timers } from '../timers.js';

/** A clock that stands still until it is told to go on. */
export class ManualTimers implements Timers {
  nowMs = 0;
  #pending: { atMs: number; callback: () => void }[] = [];

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { atMs: this.nowMs + delayMs, callback };
    this.#pending.push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#pending = this.#pending.filter(pending => pending !== timer);
  }

  /** Calls everything that is due within `ms`, in order. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const due = this.#pending.filter(timer => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.clearTimeout(due);
      this.nowMs = due.atMs;
      due.callback();
    }
    this.nowMs = endMs;
  }

  get pendingCount(): number {
    return this.#pending.length;
  }
}
