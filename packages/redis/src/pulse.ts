import type { Logger } from '@manycast/runtime';
import type { Redis } from 'ioredis';

/**
 * Asks Redis whether it is there: one that takes connections and does not answer (paused, or behind a partition
 * that drops packets) looks connected for minutes.
 */
export class Pulse {
  isBeating = true;
  private readonly timer: NodeJS.Timeout;

  constructor(redis: Redis, { periodMs, log }: { periodMs: number; log: Logger }) {
    this.timer = setInterval(async () => {
      const wasBeating = this.isBeating;
      // Bounded by the connection's command timeout.
      this.isBeating = await redis.ping().then(
        () => true,
        () => false,
      );
      if (wasBeating !== this.isBeating) log.warn({ answers: this.isBeating }, 'redis pulse');
    }, periodMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
