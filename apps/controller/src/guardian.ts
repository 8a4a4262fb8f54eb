import type { MediaInspector, PipelineRef } from '@manycast/core';
import { type PipelineId, SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import type { ControllerMetrics } from './controller-metrics.js';

/**
 * Holds on to the pipelines of rooms, so that a media server collects nothing of a node that died (R-OWN-2). It is
 * told of each one within moments of its making, and shown all of them by every look of the reconcile loop.
 */
export class Guardian {
  private readonly guarded = new Map<PipelineId, Promise<boolean>>();

  constructor(
    private readonly inspector: MediaInspector,
    private readonly metrics: ControllerMetrics,
    private readonly log: Logger,
  ) {}

  /** Never rejects; what could not be guarded is guarded the next time it is shown. False when it is gone or could not be. */
  guard(ref: PipelineRef): Promise<boolean> {
    const guarding = this.guarded.get(ref.pipeline) ?? this.begin(ref);
    this.guarded.set(ref.pipeline, guarding);
    this.metrics.guardedPipelines.set(this.guarded.size);
    return guarding;
  }

  /** The others are gone, or nobody needs them any more. */
  retain(pipelines: ReadonlySet<PipelineId>): void {
    for (const pipeline of this.guarded.keys()) if (!pipelines.has(pipeline)) this.guarded.delete(pipeline);
    this.metrics.guardedPipelines.set(this.guarded.size);
  }

  private async begin(ref: PipelineRef): Promise<boolean> {
    try {
      await this.inspector.guard(ref);
      return true;
    } catch (thrown) {
      const { code } = SignalError.from(thrown);
      this.log[code === 'media-gone' ? 'debug' : 'warn']({ ...ref, code }, 'pipeline not guarded');
      this.guarded.delete(ref.pipeline);
      return false;
    }
  }
}
