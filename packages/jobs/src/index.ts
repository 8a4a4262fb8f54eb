export { BullExpiryQueue, type BullExpiryQueueOptions } from './bull-expiry-queue.js';
export { type ExpiryProcessor, ExpiryWorker, type ExpiryWorkerOptions } from './expiry-worker.js';
