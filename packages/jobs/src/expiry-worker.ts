import type { Expiry } from '@manycast/core';
import { backoffMs, type Logger, type Service } from '@manycast/runtime';
import { DelayedError, type Job, Worker } from 'bullmq';
import { closeWithin } from './close-within.js';
import { queueName } from './expiry-job.js';

export interface ExpiryWorkerOptions {
  redisUrl: string;
  /** As the queue's. */
  prefix: string;
  log: Logger;
  /** Expiries worked on at a time by this process. */
  concurrency?: number;
  /** A worker that is silent for this long is taken for dead, and what it worked on is done by another. */
  lockMs?: number;
}

/** How long stopping waits for expiries that are under way. */
const STOP_MS = 3_000;

/** `againInMs`: the expiry is not over, and wants to be looked at again. */
export type ExpiryProcessor = (expiry: Expiry) => Promise<'done' | { againInMs: number }>;

/**
 * Works off what a BullExpiryQueue scheduled, at least once each: an expiry whose worker died is begun again by
 * another, one that failed is tried again. The processor must be idempotent.
 */
export class ExpiryWorker implements Service {
  readonly name = 'expiry worker';
  readonly #options: ExpiryWorkerOptions;
  readonly #processor: ExpiryProcessor;
  #worker: Worker<Expiry> | undefined;
  #isStopping = false;

  constructor(options: ExpiryWorkerOptions, processor: ExpiryProcessor) {
    this.#options = options;
    this.#processor = processor;
  }

  async start(): Promise<void> {
    this.#worker = this.#open();
  }

  /** Finishes what is under way and begins nothing more. What an outage keeps from ending is begun again by another. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#worker) await closeWithin(STOP_MS, this.#worker);
  }

  async #process(job: Job<Expiry>, token: string | undefined): Promise<void> {
    const outcome = await this.#processor(job.data);
    if (outcome === 'done') return;
    await job.moveToDelayed(Date.now() + outcome.againInMs, token);
    throw new DelayedError();
  }

  #open(): Worker<Expiry> {
    const { redisUrl, prefix, log, concurrency = 32, lockMs = 5_000 } = this.#options;
    const worker = new Worker<Expiry>(queueName, (job, token) => this.#process(job, token), {
      prefix,
      connection: {
        url: redisUrl,
        // Commands of a worker wait for an outage's end, as BullMQ demands.
        maxRetriesPerRequest: null,
        connectTimeout: 2_000,
        retryStrategy: (attempt: number) => 50 + backoffMs(attempt, { baseMs: 100, maxMs: 2_000 }),
      },
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      // An expiry that is watched for hours may see many controllers die.
      maxStalledCount: 1_000_000,
      runRetryDelay: 1_000,
      settings: {
        backoffStrategy: (attempt: number) => 100 + backoffMs(attempt, { baseMs: 200, maxMs: 5_000 }),
      },
    });
    worker.on('error', error => log.debug({ err: error }, 'expiry worker'));
    worker.on('stalled', id => log.warn({ expiry: id }, 'a worker died in the middle of an expiry'));
    worker.on('failed', (job, error) =>
      log.warn(
        { expiry: job?.id, attempt: job?.attemptsMade, err: error },
        'expiry failed; it is tried again',
      ),
    );
    worker.waitUntilReady().catch(error => {
      if (this.#isStopping || this.#worker !== worker) return;
      log.warn({ err: error }, 'expiry worker could not be opened; it is opened anew');
      worker.close(true).catch(() => {});
      this.#worker = this.#open();
    });
    return worker;
  }
}
