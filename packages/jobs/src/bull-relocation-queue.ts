import type { Relocation, RelocationQueue } from '@manycast/core';
import { jobOptions } from './expiry-job.js';
import { FailFastQueue, type FailFastQueueOptions } from './fail-fast-queue.js';
import { jobIdOf, priorityOf, queueName } from './relocation-job.js';

/** Schedules the moves of rooms. */
export class BullRelocationQueue implements RelocationQueue {
  readonly #queue: FailFastQueue<Relocation>;

  constructor(options: Omit<FailFastQueueOptions, 'name'>) {
    this.#queue = new FailFastQueue({ name: queueName, ...options });
  }

  schedule(relocation: Relocation): Promise<void> {
    const [jobId, priority] = [jobIdOf(relocation), priorityOf(relocation)];
    return this.#queue.add(relocation, { jobId, priority, ...jobOptions });
  }

  /** Jobs by state. Throws SignalError `unavailable`. */
  counts(): Promise<Record<string, number>> {
    return this.#queue.counts();
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}
