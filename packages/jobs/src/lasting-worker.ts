import { backoffMs, type Logger, type Service } from '@manycast/runtime';
import { type ConnectionOptions, DelayedError, type Job, Worker } from 'bullmq';
import { closeWithin } from './close-within.js';
import { disconnect, type JobConnections } from './job-connections.js';

/** `againInMs`: it is not over, and wants to be looked at again; with other data, if that is given. The job's own object is not written again. */
export type Outcome<T = never> = 'done' | { againInMs: number; data?: T };

export interface LastingWorkerOptions<T> {
  /** As the queue's. */
  queue: string;
  redis: JobConnections;
  /** As the queue's. */
  prefix: string;
  log: Logger;
  /** Jobs worked on at a time by this process. */
  concurrency: number;
  /** A worker that is silent for this long is taken for dead, and what it worked on is done by another. */
  lockMs?: number;
  /** It is done and gone: another with its id can be added. */
  onGone?(data: T): void;
}

/** How long stopping waits for what is under way. */
const STOP_MS = 3_000;

/**
 * Works off a queue, each job at least once: one whose worker died is begun again by another, one that failed is
 * tried again. The processor must be idempotent.
 */
export class LastingWorker<T> implements Service {
  readonly name: string;
  readonly #options: LastingWorkerOptions<T>;
  readonly #processor: (data: T) => Promise<Outcome<T>>;
  #worker: Worker<T> | undefined;
  #connection: ConnectionOptions | undefined;
  #isStopping = false;

  constructor(options: LastingWorkerOptions<T>, processor: (data: T) => Promise<Outcome<T>>) {
    this.name = `${options.queue} worker`;
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
    disconnect(this.#connection);
  }

  async #process(job: Job<T>, token: string | undefined): Promise<void> {
    const outcome = await this.#processor(job.data);
    if (outcome === 'done') return;
    if (outcome.data !== undefined && outcome.data !== job.data) await job.updateData(outcome.data);
    await job.moveToDelayed(Date.now() + outcome.againInMs, token);
    throw new DelayedError();
  }

  #open(): Worker<T> {
    const { queue, redis, prefix, log, concurrency, lockMs = 5_000, onGone } = this.#options;
    const connection = redis.forWorker();
    const worker = new Worker<T>(queue, (job, token) => this.#process(job, token), {
      prefix,
      connection,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      // What is watched for hours may see many controllers die.
      maxStalledCount: 1_000_000,
      runRetryDelay: 1_000,
      settings: {
        backoffStrategy: (attempt: number) => 100 + backoffMs(attempt, { baseMs: 200, maxMs: 5_000 }),
      },
    });
    worker.on('error', error => log.debug({ err: error, queue }, 'worker'));
    worker.on('stalled', job => log.warn({ job, queue }, 'a worker died in the middle of it'));
    worker.on('failed', (job, error) =>
      log.warn({ job: job?.id, queue, attempt: job?.attemptsMade, err: error }, 'failed; it is tried again'),
    );
    worker.on('completed', job => onGone?.(job.data));
    worker.waitUntilReady().catch(error => {
      if (this.#isStopping || this.#worker !== worker) return;
      log.warn({ err: error, queue }, 'worker could not be opened; it is opened anew');
      worker
        .close(true)
        .catch(() => {})
        .finally(() => disconnect(connection));
      this.#worker = this.#open();
    });
    this.#connection = connection;
    return worker;
  }
}
