import type { Relocation } from '@manycast/core';
import { LastingWorker, type LastingWorkerOptions, type Outcome } from './lasting-worker.js';
import { queueName } from './relocation-job.js';

/** A room whose controller died is not to wait for long. */
const lockMs = 2_000;

/** Works off what a BullRelocationQueue scheduled, at least once each. The processor must be idempotent. */
export class RelocationWorker extends LastingWorker<Relocation> {
  constructor(
    options: Omit<LastingWorkerOptions<Relocation>, 'queue' | 'lockMs'>,
    processor: (relocation: Relocation) => Promise<Outcome<Relocation>>,
  ) {
    super({ queue: queueName, lockMs, ...options }, processor);
  }
}
