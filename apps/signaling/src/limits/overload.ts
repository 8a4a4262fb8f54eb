import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { type Gauge, type Logger, Periodic, type Service } from '@manycast/runtime';

/**
 * What a node gives up, in this order, when there is too much to do; each level includes those before it. Whoever is in
 * a room stays there: media that plays is never given up.
 */
export const sheddingOrder = ['directory', 'chat', 'viewer', 'presenter', 'resume'] as const;
export type Work = (typeof sheddingOrder)[number];

/** Share of what the process may use, from which on each is refused. */
const refusedFrom: Record<Work, number> = {
  directory: 0.7,
  chat: 0.77,
  viewer: 0.84,
  presenter: 0.9,
  resume: 0.96,
};
/** So much less, and it is taken on again: no back and forth. */
const hysteresis = 0.04;
const everyMs = 250;

export interface Pressure {
  /** Bytes in use, and what the process may use at most. */
  memoryBytes: number;
  maxMemoryBytes: number;
  /** How late the event loop is, as a mean since the last look. */
  lagMs: number;
}

export interface OverloadOptions {
  /** 0: what the heap and the container allow. */
  maxMemoryMb: number;
  /** A loop that is this late is as busy as it may be. */
  maxLagMs: number;
  metrics: { overloadLevel: Gauge; eventLoopLag: Gauge };
  log: Logger;
  /** For tests. */
  measure?: () => Pressure;
}

/** Notices that the process has too much to do, before it dies of it, and says what it is not to begin. */
export class Overload implements Service {
  readonly name = 'overload';
  private load = 0;
  private level = 0;
  private readonly periodic: Periodic;
  private readonly measure: () => Pressure;

  constructor(private readonly options: OverloadOptions) {
    const { log, maxMemoryMb } = options;
    this.measure = options.measure ?? processPressure(maxMemoryMb * 1_048_576);
    this.periodic = new Periodic({ name: this.name, everyMs, log }, async () => this.look());
  }

  start(): Promise<void> {
    return this.periodic.start();
  }

  stop(): Promise<void> {
    return this.periodic.stop();
  }

  refuses(work: Work): boolean {
    return sheddingOrder.indexOf(work) < this.level;
  }

  look(): void {
    const { maxLagMs, metrics, log } = this.options;
    const { memoryBytes, maxMemoryBytes, lagMs } = this.measure();
    // A single late turn is no overload: lag is smoothed, memory is not.
    const lagShare = Math.min(1, lagMs / maxLagMs);
    this.load = Math.max(memoryBytes / maxMemoryBytes, 0.5 * this.load + 0.5 * lagShare);
    metrics.eventLoopLag.set(lagMs / 1_000);
    const next = sheddingOrder.filter(
      (work, index) => this.load >= refusedFrom[work] - (index < this.level ? hysteresis : 0),
    ).length;
    if (next === this.level) return;
    this.level = next;
    metrics.overloadLevel.set(next);
    const figures = {
      load: Number(this.load.toFixed(2)),
      memoryBytes,
      maxMemoryBytes,
      lagMs: Math.round(lagMs),
    };
    log.warn({ refuses: sheddingOrder.slice(0, next), ...figures }, 'overload');
  }
}

function processPressure(givenBytes: number): () => Pressure {
  // Its resolution is part of what it measures.
  const resolution = 10;
  const loop = monitorEventLoopDelay({ resolution });
  loop.enable();
  const heapLimit = getHeapStatistics().heap_size_limit;
  const constrained = process.constrainedMemory?.() ?? 0;
  // Without a limit of its own the container says a number that no machine has.
  const isConstrained = constrained > 0 && constrained < 2 ** 46;
  return () => {
    const { rss, heapUsed } = process.memoryUsage();
    const mean = Number.isNaN(loop.mean) ? 0 : loop.mean / 1e6 - resolution;
    loop.reset();
    const budgets = [
      { used: heapUsed, max: heapLimit },
      ...(isConstrained ? [{ used: rss, max: constrained }] : []),
      ...(givenBytes > 0 ? [{ used: rss, max: givenBytes }] : []),
    ];
    const tightest = budgets.reduce((a, b) => (a.used / a.max > b.used / b.max ? a : b));
    return { memoryBytes: tightest.used, maxMemoryBytes: tightest.max, lagMs: Math.max(0, mean) };
  };
}
