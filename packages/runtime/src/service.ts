import type { Logger } from './logger.js';

/** A part of a process that runs. Constructors start nothing; `start` does, and `stop` undoes all of it. */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  /** Takes no new work and finishes what is under way, within the deadline. Called for all before any is stopped. */
  drain?(deadlineMs: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts services in order. When one fails, those before it are stopped in reverse and the error is thrown.
 * The returned `stop` drains all (in reverse), then stops all in reverse; a failing stop does not keep the rest running.
 */
export async function runServices(
  services: Service[],
  log: Logger,
): Promise<{ stop(drainMs?: number): Promise<void> }> {
  const running: Service[] = [];
  const stopAll = async () => {
    for (const service of running.splice(0).reverse()) {
      await service
        .stop()
        .catch(error => log.error({ err: error, service: service.name }, 'did not stop cleanly'));
    }
  };
  for (const service of services) {
    try {
      await service.start();
      running.push(service);
    } catch (error) {
      await stopAll();
      throw error;
    }
  }
  return {
    async stop(drainMs = 0) {
      for (const service of [...running].reverse()) {
        await service
          .drain?.(drainMs)
          .catch(error => log.error({ err: error, service: service.name }, 'did not drain cleanly'));
      }
      await stopAll();
    },
  };
}
