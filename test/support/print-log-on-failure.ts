import { afterEach } from 'vitest';
import type { RunningProcess } from './child-process.js';

/** After a failed case, the last lines of the processes it talked to stand beside the failure. */
export function printLogOnFailure(processes: () => Iterable<RunningProcess | undefined>): void {
  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const process of processes()) {
      if (process)
        globalThis.process.stderr.write(`--- last lines of ${process.name}\n${process.log.tail()}\n`);
    }
  });
}
