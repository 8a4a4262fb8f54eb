import type { ConnectionOptions } from 'bullmq';

/** Opens what queues and workers talk to Redis through; comes back by itself after every outage. */
export interface JobConnections {
  /** Fails fast: what cannot be done now is refused. */
  forQueue(): ConnectionOptions;
  /** Commands wait for an outage's end, as BullMQ demands. */
  forWorker(): ConnectionOptions;
}

/** BullMQ leaves a client open that it was given, as for a Redis Cluster; what it opened itself, from options, it closes. */
export function disconnect(connection: ConnectionOptions | undefined): void {
  if (connection && 'disconnect' in connection) void connection.disconnect();
}
