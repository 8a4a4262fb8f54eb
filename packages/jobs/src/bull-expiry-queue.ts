import type { Expiry, ExpiryQueue } from '@manycast/core';
import type { Logger } from '@manycast/runtime';
import { jobIdOf, jobOptions, queueName } from './expiry-job.js';
import { FailFastQueue } from './fail-fast-queue.js';
import type { JobConnections } from './job-connections.js';

export interface BullExpiryQueueOptions {
  redis: JobConnections;
  /** Of every key; with a hash tag, so that all of the queue is in one slot of a Redis Cluster. */
  prefix: string;
  log: Logger;
  /** An expiry that could not be scheduled for this long has failed. */
  timeoutMs?: number;
}

/** Schedules expiries as delayed jobs. Fails fast: what cannot be scheduled now is refused, not queued. */
export class BullExpiryQueue implements ExpiryQueue {
  readonly #queue: FailFastQueue<Expiry>;

  constructor(options: BullExpiryQueueOptions) {
    this.#queue = new FailFastQueue({ name: queueName, ...options });
  }

  /** One that was refused may be scheduled yet when Redis is back, which does no harm. */
  schedule(expiry: Expiry, delayMs: number): Promise<void> {
    const delay = Math.max(0, Math.ceil(delayMs));
    return this.#queue.add(expiry, { jobId: jobIdOf(expiry), delay, ...jobOptions });
  }

  /** Jobs by state. Rejects when Redis is away. */
  counts(): Promise<Record<string, number>> {
    return this.#queue.counts();
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}
