import { setTimeout as pause } from 'node:timers/promises';
import type { Expiry, ExpiryQueue } from '@manycast/core';
import { SignalError } from '@manycast/protocol';
import { backoffMs, type Logger } from '@manycast/runtime';
import { Queue } from 'bullmq';
import { closeWithin } from './close-within.js';
import { jobIdOf, jobOptions, queueName } from './expiry-job.js';

export interface BullExpiryQueueOptions {
  redisUrl: string;
  /** Of every key; with a hash tag, so that all of the queue is in one slot of a Redis Cluster. */
  prefix: string;
  log: Logger;
  /** An expiry that could not be scheduled for this long has failed. */
  timeoutMs?: number;
}

/** Schedules expiries as delayed jobs. Fails fast: what cannot be scheduled now is refused, not queued. */
export class BullExpiryQueue implements ExpiryQueue {
  readonly #options: BullExpiryQueueOptions;
  #queue: Queue<Expiry> | undefined;

  constructor(options: BullExpiryQueueOptions) {
    this.#options = options;
    this.#queue = this.#open();
  }

  async schedule(expiry: Expiry, delayMs: number): Promise<void> {
    this.#queue ??= this.#open();
    const { timeoutMs = 2_000 } = this.#options;
    const options = { jobId: jobIdOf(expiry), delay: Math.max(0, Math.ceil(delayMs)), ...jobOptions };
    const scheduled = this.#queue.add('expire', expiry, options);
    const deadline = new AbortController();
    const late = pause(timeoutMs, undefined, { signal: deadline.signal }).then(() => {
      throw new Error(`not scheduled within ${timeoutMs} ms`);
    });
    try {
      await Promise.race([scheduled, late]);
    } catch (cause) {
      // It may be scheduled yet when Redis is back, which does no harm.
      scheduled.catch(() => {});
      throw new SignalError('unavailable', { cause, retryAfterMs: 1_000 });
    } finally {
      late.catch(() => {});
      deadline.abort();
    }
  }

  /** Jobs by state. Rejects when Redis is away. */
  async counts(): Promise<Record<string, number>> {
    this.#queue ??= this.#open();
    return this.#queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
  }

  async close(): Promise<void> {
    if (this.#queue) await closeWithin(1_000, this.#queue);
  }

  #open(): Queue<Expiry> {
    const { redisUrl, prefix, log } = this.#options;
    const queue = new Queue<Expiry>(queueName, {
      prefix,
      connection: {
        url: redisUrl,
        connectTimeout: 2_000,
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        retryStrategy: (attempt: number) => 50 + backoffMs(attempt, { baseMs: 100, maxMs: 2_000 }),
      },
      streams: { events: { maxLen: 1_000 } },
    });
    queue.on('error', error => log.debug({ err: error }, 'expiry queue'));
    // BullMQ looks at the server's version on its first connection and, when that fails, never connects again.
    queue.waitUntilReady().catch(error => {
      log.warn({ err: error }, 'expiry queue could not be opened; it is opened anew');
      if (this.#queue === queue) this.#queue = undefined;
      queue.close().catch(() => {});
    });
    return queue;
  }
}
