import type { Cluster, EndpointEvent, Role } from '@manycast/core';
import { SignalError } from '@manycast/protocol';
import { noTracing, observeCalls, type Span, type Tracing } from '@manycast/runtime';
import type { JoinPhase, NodeMetrics } from './node-metrics.js';

const monotonicMs = (): number => performance.now();
const untold = { tracing: noTracing, trace: '' };

/**
 * How long the parts of one join take. What is asked of Redis and of the media server is measured around the ports, so
 * that a handler knows nothing of it; connecting and the first media count from the answer on.
 */
export class JoinClock {
  private readonly spentMs = { redis: 0, kms: 0 };
  private answeredAtMs: number | undefined;
  private steps: Span[] | undefined;
  private readonly startedAtMs = Date.now();
  private isConnected = false;
  private hasMedia = false;

  constructor(
    private readonly role: Role,
    private readonly metrics: Pick<NodeMetrics, 'joinPhaseSeconds'>,
    private readonly now: () => number = monotonicMs,
    private readonly told: { tracing: Tracing; trace: string } = untold,
  ) {}

  /** The same cluster, seen through this clock. */
  around(cluster: Cluster): Cluster {
    const redis = <T extends object>(port: T): T => this.timed(port, 'redis');
    return {
      ...cluster,
      rooms: redis(cluster.rooms),
      pool: redis(cluster.pool),
      served: redis(cluster.served),
      media: this.timed(cluster.media, 'kms'),
    };
  }

  /** To be called when the answer has gone out. Returns what was spent on the way to it. */
  answered(): { redisMs: number; kmsMs: number } {
    this.answeredAtMs = this.now();
    this.tell();
    for (const phase of ['redis', 'kms'] as const) this.observe(phase, this.spentMs[phase]);
    const { redis, kms } = this.spentMs;
    return { redisMs: Math.round(redis), kmsMs: Math.round(kms) };
  }

  /** Instead of an answer. */
  rejected(code: string): void {
    this.tell(code);
  }

  onEndpointEvent(event: EndpointEvent): void {
    // An event that overtakes the answer belongs to an endpoint of before.
    if (this.answeredAtMs === undefined) return;
    if (event.type === 'connection-state' && event.state === 'connected' && !this.isConnected) {
      this.isConnected = true;
      this.observe('ice', this.now() - this.answeredAtMs);
    }
    // As Kurento has it: from the presenter's endpoint into the pipeline, out of the pipeline into the viewer's.
    const direction = this.role === 'presenter' ? 'out' : 'in';
    if (
      !this.hasMedia &&
      event.type === 'media-flow' &&
      event.isFlowing &&
      event.direction === direction &&
      event.media !== 'data'
    ) {
      this.hasMedia = true;
      this.observe('first-media', this.now() - this.answeredAtMs);
    }
  }

  private timed<T extends object>(port: T, phase: 'redis' | 'kms'): T {
    return observeCalls(port, ({ method, durationMs, error }) => {
      this.spentMs[phase] += durationMs;
      if (this.told.tracing === noTracing) return;
      const endMs = Date.now();
      const failure = error === undefined ? undefined : SignalError.from(error).code;
      this.steps ??= [];
      this.steps.push({ name: `${phase} ${method}`, startMs: endMs - durationMs, endMs, failure });
    });
  }

  private tell(failure?: string): void {
    const { tracing, trace } = this.told;
    const { startedAtMs: startMs, steps: children = [], role } = this;
    tracing.record(trace, { name: `join ${role}`, startMs, endMs: Date.now(), failure, children });
  }

  private observe(phase: JoinPhase, durationMs: number): void {
    this.metrics.joinPhaseSeconds.observe({ role: this.role, phase }, durationMs / 1_000);
  }
}
