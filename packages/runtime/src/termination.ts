import type { Logger } from './logger.js';

/** Exit codes of sysexits.h that an operator's scripts can tell apart. */
export const exitCodes = { ok: 0, failure: 1, unavailable: 69, config: 78 } as const;

/**
 * SIGTERM and SIGINT call `stop` once and end the process: 0 when it finished, 1 when it failed or passed the
 * deadline. A SIGINT after that ends it at once: somebody is waiting. A SIGTERM does not: supervisors send one after an
 * order to drain, and have SIGKILL for the impatient.
 */
export function onTermination(
  stop: (signal: string) => Promise<void>,
  options: { log: Logger; deadlineMs: number },
): void {
  let isStopping = false;
  const end = (signal: string) => {
    if (isStopping) {
      if (signal === 'SIGTERM') return options.log.info({ signal }, 'stopping already');
      options.log.warn({ signal }, 'second signal: ending at once');
      process.exit(exitCodes.failure);
    }
    isStopping = true;
    options.log.info({ signal }, 'stopping');
    setTimeout(() => {
      options.log.error({ deadlineMs: options.deadlineMs }, 'not stopped in time');
      process.exit(exitCodes.failure);
    }, options.deadlineMs).unref();
    stop(signal).then(
      () => process.exit(exitCodes.ok),
      error => {
        options.log.error({ err: error }, 'stopping failed');
        process.exit(exitCodes.failure);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
