import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
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
/** How much a look counts: a burst that is over within two seconds is no overload. */
const busyWeight = 0.12;
/** Of the time that the loop is idle below its maximum, so much counts: 7 % below it the directory is given up. */
const idleFactor = 2;
/**
 * A loop that is always busy still gets through what it has, only later. So busyness alone never refuses a resume: it
 * would only come again, with another handshake. A late loop does, and memory.
 */
const busyCap = 0.95;

export interface Pressure {
  /** Bytes in use, and what the process may use at most. */
  memoryBytes: number;
  maxMemoryBytes: number;
  /** How late the event loop is, as a mean since the last look. */
  lagMs: number;
  /** Share of the time since the last look in which the event loop had something to do. */
  busy: number;
}

export interface OverloadOptions {
  /** 0: what the heap and the container allow. */
  maxMemoryMb: number;
  /** A loop that is this late is as busy as it may be. */
  maxLagMs: number;
  /** So is one that works for this share of its time; 0: it may work as much as it likes. */
  maxBusyPercent: number;
  metrics: { overloadLevel: Gauge; eventLoopLag: Gauge; eventLoopBusy: Gauge };
  log: Logger;
  /** For tests. */
  measure?: () => Pressure;
}

/** Notices that the process has too much to do, before it dies of it, and says what it is not to begin. */
export class Overload implements Service {
  readonly name = 'overload';
  private late = 0;
  private busy = 0;
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
    const { maxLagMs, maxBusyPercent, metrics, log } = this.options;
    const { memoryBytes, maxMemoryBytes, lagMs, busy } = this.measure();
    // A single late turn is no overload: lag is smoothed, memory is not.
    this.late += 0.5 * (Math.min(1, lagMs / maxLagMs) - this.late);
    this.busy += busyWeight * (busy - this.busy);
    const busyShare =
      maxBusyPercent === 0 ? 0 : Math.min(busyCap, 1 - idleFactor * (maxBusyPercent / 100 - this.busy));
    const load = Math.max(memoryBytes / maxMemoryBytes, this.late, busyShare);
    metrics.eventLoopLag.set(lagMs / 1_000);
    metrics.eventLoopBusy.set(busy);
    const next = sheddingOrder.filter(
      (work, index) => load >= refusedFrom[work] - (index < this.level ? hysteresis : 0),
    ).length;
    if (next === this.level) return;
    this.level = next;
    metrics.overloadLevel.set(next);
    const figures = {
      load: Number(load.toFixed(2)),
      memoryBytes,
      maxMemoryBytes,
      lagMs: Math.round(lagMs),
      busy: Number(this.busy.toFixed(2)),
    };
    log.warn({ refuses: sheddingOrder.slice(0, next), ...figures }, 'overload');
  }
}

function processPressure(givenBytes: number): () => Pressure {
  // Its resolution is part of what it measures.
  const resolution = 10;
  const loop = monitorEventLoopDelay({ resolution });
  loop.enable();
  let before = performance.eventLoopUtilization();
  const heapLimit = getHeapStatistics().heap_size_limit;
  const constrained = process.constrainedMemory?.() ?? 0;
  // Without a limit of its own the container says a number that no machine has.
  const isConstrained = constrained > 0 && constrained < 2 ** 46;
  return () => {
    const { rss, heapUsed } = process.memoryUsage();
    const mean = Number.isNaN(loop.mean) ? 0 : loop.mean / 1e6 - resolution;
    loop.reset();
    const now = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(now, before).utilization;
    before = now;
    const budgets = [
      { used: heapUsed, max: heapLimit },
      ...(isConstrained ? [{ used: rss, max: constrained }] : []),
      ...(givenBytes > 0 ? [{ used: rss, max: givenBytes }] : []),
    ];
    const tightest = budgets.reduce((a, b) => (a.used / a.max > b.used / b.max ? a : b));
    return { memoryBytes: tightest.used, maxMemoryBytes: tightest.max, lagMs: Math.max(0, mean), busy };
  };
}
