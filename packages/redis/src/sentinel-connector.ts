import { SentinelConnector } from 'ioredis';

/** What ioredis keeps to itself of it. */
interface Detecting {
  failoverDetector: { cleanup(): void } | null;
}

/**
 * Finds the master that sentinels name, and comes back for ever. ioredis' own watches the sentinels for a failover with
 * a detector that outlives the connection it was made for: told of the new master while the next connection is being
 * looked for, it ends that search, and the connection with it for good ("Connection is closed"). Here a detector ends
 * with its connection.
 */
export class LastingSentinelConnector extends SentinelConnector {
  override connect(
    ...args: Parameters<SentinelConnector['connect']>
  ): ReturnType<SentinelConnector['connect']> {
    (this as unknown as Detecting).failoverDetector?.cleanup();
    return super.connect(...args);
  }
}
