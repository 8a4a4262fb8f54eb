export { BullExpiryQueue, type BullExpiryQueueOptions } from './bull-expiry-queue.js';
export { BullRelocationQueue } from './bull-relocation-queue.js';
export { type ExpiryProcessor, ExpiryWorker, type ExpiryWorkerOptions } from './expiry-worker.js';
export type { JobConnections } from './job-connections.js';
export type { Outcome } from './lasting-worker.js';
export { RelocationWorker } from './relocation-worker.js';
export { WebhookLanes, type WebhookLanesOptions } from './webhook-lanes.js';
