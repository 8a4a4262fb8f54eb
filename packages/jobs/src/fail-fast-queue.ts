import { setTimeout as pause } from 'node:timers/promises';
import { SignalError } from '@manycast/protocol';
import type { Logger } from '@manycast/runtime';
import { type ConnectionOptions, type JobsOptions, Queue } from 'bullmq';
import { closeWithin } from './close-within.js';
import { disconnect, type JobConnections } from './job-connections.js';

export interface FailFastQueueOptions {
  /** Below the prefix. */
  name: string;
  redis: JobConnections;
  /** Of every key; with a hash tag, so that all of the queue is in one slot of a Redis Cluster. */
  prefix: string;
  log: Logger;
  /** What could not be added for this long has failed. */
  timeoutMs?: number;
}

/** A BullMQ queue that refuses at once what it cannot take now. */
export class FailFastQueue<T> {
  readonly #options: FailFastQueueOptions;
  #queue: Queue | undefined;
  #connection: ConnectionOptions | undefined;

  constructor(options: FailFastQueueOptions) {
    this.#options = options;
    this.#queue = this.#open();
  }

  /** Throws SignalError `unavailable`; it may be added yet when Redis is back. */
  async add(data: T, options: JobsOptions): Promise<void> {
    this.#queue ??= this.#open();
    const { name, timeoutMs = 2_000 } = this.#options;
    const added = this.#queue.add(name, data, options);
    await inTime(added, timeoutMs);
  }

  /** Jobs by state. Throws SignalError `unavailable`. */
  async counts(): Promise<Record<string, number>> {
    this.#queue ??= this.#open();
    return inTime(
      this.#queue.getJobCounts('waiting', 'active', 'delayed', 'failed'),
      this.#options.timeoutMs ?? 2_000,
    );
  }

  async close(): Promise<void> {
    if (this.#queue) await closeWithin(1_000, this.#queue);
    disconnect(this.#connection);
  }

  #open(): Queue {
    const { name, redis, prefix, log } = this.#options;
    const connection = redis.forQueue();
    const queue = new Queue(name, {
      prefix,
      connection,
      streams: { events: { maxLen: 1_000 } },
    });
    queue.on('error', error => log.debug({ err: error, queue: name }, 'queue'));
    // BullMQ looks at the server's version on its first connection and, when that fails, never connects again.
    queue.waitUntilReady().catch(error => {
      log.warn({ err: error, queue: name }, 'queue could not be opened; it is opened anew');
      if (this.#queue === queue) this.#queue = undefined;
      queue
        .close()
        .catch(() => {})
        .finally(() => disconnect(connection));
    });
    this.#connection = connection;
    return queue;
  }
}

async function inTime<T>(asked: Promise<T>, timeoutMs: number): Promise<T> {
  const deadline = new AbortController();
  const late = pause(timeoutMs, undefined, { signal: deadline.signal }).then(() => {
    throw new Error(`no answer within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([asked, late]);
  } catch (cause) {
    asked.catch(() => {});
    throw new SignalError('unavailable', { cause, retryAfterMs: 1_000 });
  } finally {
    late.catch(() => {});
    deadline.abort();
  }
}
