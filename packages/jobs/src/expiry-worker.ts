import type { Expiry } from '@manycast/core';
import type { Logger } from '@manycast/runtime';
import { queueName } from './expiry-job.js';
import type { JobConnections } from './job-connections.js';
import { LastingWorker, type Outcome } from './lasting-worker.js';

export interface ExpiryWorkerOptions {
  redis: JobConnections;
  /** As the queue's. */
  prefix: string;
  log: Logger;
  /** Expiries worked on at a time by this process. */
  concurrency?: number;
  lockMs?: number;
}

/** `againInMs`: the expiry is not over, and wants to be looked at again. */
export type ExpiryProcessor = (expiry: Expiry) => Promise<Outcome<Expiry>>;

/** Works off what a BullExpiryQueue scheduled, at least once each. The processor must be idempotent. */
export class ExpiryWorker extends LastingWorker<Expiry> {
  constructor({ concurrency = 32, ...options }: ExpiryWorkerOptions, processor: ExpiryProcessor) {
    super({ queue: queueName, concurrency, ...options }, processor);
  }
}
