import type { JobConnections } from '../job-connections.js';

/** As the apps have them from packages/redis, which this package does not know. */
export const testConnections = (url: string): JobConnections => ({
  forQueue: () => ({ url, enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => 100 }),
  forWorker: () => ({ url, maxRetriesPerRequest: null, retryStrategy: () => 100 }),
});
