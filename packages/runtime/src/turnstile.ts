export interface TurnstileOptions {
  /** How long the work should take: what takes longer lowers how much is let through at once. */
  targetMs: number;
  /** Nobody waits longer for a turn; who would have to is turned away at once. */
  maxWaitMs: number;
  /** At once: to begin with, at least, and at most. */
  first: number;
  least: number;
  most: number;
  /** For tests. */
  now?: () => number;
}

/** Whoever was not let through. */
export class TurnedAway extends Error {
  override readonly name = 'TurnedAway';

  constructor(
    /** How long those who wait will take, as far as can be told; unit: ms. */
    readonly backlogMs: number,
  ) {
    super(`turned away: some ${Math.round(backlogMs)} ms of work wait`);
  }
}

interface Waiting {
  sinceMs: number;
  begin(): void;
  turnAway(): void;
}

/** How much an answer counts for what work takes on the average. */
const meanWeight = 0.1;
const slowFactor = 0.8;

/**
 * In front of something that answers later the more it is asked: as much is under way at once as it answers within the
 * target, the rest waits, and who would wait too long is turned away. The bound grows by one with every round of quick
 * answers and shrinks by a fifth for a slow one, once for all that were begun together.
 */
export class Turnstile {
  private bound: number;
  private meanMs = 0;
  private loweredAtMs = Number.NEGATIVE_INFINITY;
  private running = 0;
  /** By rank; in the order in which they came. */
  private readonly queues: Set<Waiting>[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly now: () => number;

  constructor(private readonly options: TurnstileOptions) {
    this.bound = options.first;
    this.now = options.now ?? (() => performance.now());
  }

  get underWay(): number {
    return this.running;
  }

  get waiting(): number {
    return this.aheadOf(Number.POSITIVE_INFINITY);
  }

  /** How much may be under way at once. */
  get limit(): number {
    return Math.floor(this.bound);
  }

  /**
   * Runs `work` at its turn; of those who wait, the lower rank (0, 1, 2, …) goes first. Rejects with `TurnedAway` when
   * it had no turn, with the signal's reason when that was aborted before it had one, otherwise as `work` does.
   */
  pass<T>(rank: number, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.running < this.limit && this.waiting === 0) return this.run(work);
    const { maxWaitMs } = this.options;
    if (this.workOffMs(this.aheadOf(rank) + 1) > maxWaitMs)
      return Promise.reject(new TurnedAway(this.workOffMs(this.waiting)));
    const queue = this.queueOf(rank);
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(waiting);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        leave();
        reject(signal?.reason);
      };
      const waiting: Waiting = {
        sinceMs: this.now(),
        begin: () => {
          leave();
          this.run(work).then(resolve, reject);
        },
        turnAway: () => {
          leave();
          reject(new TurnedAway(this.workOffMs(this.waiting)));
        },
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.add(waiting);
      this.timer ??= setTimeout(() => this.turnAwayLate(), maxWaitMs).unref();
    });
  }

  /** Those who have waited for too long, though nothing was answered meanwhile. To be called by the timer only. */
  private turnAwayLate(): void {
    const { maxWaitMs } = this.options;
    this.timer = undefined;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const queue of this.queues) {
      for (const waiting of queue) {
        const leftMs = waiting.sinceMs + maxWaitMs - this.now();
        if (leftMs > 0) {
          nextMs = Math.min(nextMs, leftMs);
          break;
        }
        waiting.turnAway();
      }
    }
    if (nextMs < Number.POSITIVE_INFINITY)
      this.timer = setTimeout(() => this.turnAwayLate(), nextMs + 1).unref();
  }

  private async run<T>(work: () => Promise<T>): Promise<T> {
    const startedMs = this.now();
    this.running += 1;
    let isDone = false;
    try {
      const result = await work();
      isDone = true;
      return result;
    } finally {
      this.learn(startedMs, isDone);
      this.running -= 1;
      while (this.running < this.limit && this.beginNext());
    }
  }

  /** A quick failure says nothing of how much could be borne. */
  private learn(startedMs: number, isDone: boolean): void {
    const { targetMs, least, most } = this.options;
    const tookMs = this.now() - startedMs;
    if (isDone || tookMs > targetMs) this.meanMs += meanWeight * (tookMs - this.meanMs);
    if (tookMs > targetMs) {
      if (startedMs < this.loweredAtMs) return;
      this.loweredAtMs = this.now();
      this.bound = Math.max(least, this.bound * slowFactor);
    } else if (isDone && tookMs < targetMs / 2 && this.running > this.bound / 2) {
      this.bound = Math.min(most, this.bound + 1 / this.bound);
    }
  }

  private beginNext(): boolean {
    for (const queue of this.queues) {
      for (const waiting of queue) {
        waiting.begin();
        return true;
      }
    }
    return false;
  }

  private queueOf(rank: number): Set<Waiting> {
    while (this.queues.length <= rank) this.queues.push(new Set());
    return this.queues[rank] as Set<Waiting>;
  }

  private aheadOf(rank: number): number {
    let count = 0;
    for (const [other, queue] of this.queues.entries()) if (other <= rank) count += queue.size;
    return count;
  }

  private workOffMs(count: number): number {
    return (count * this.meanMs) / this.bound;
  }
}
