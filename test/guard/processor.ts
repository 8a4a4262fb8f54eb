import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Asked before this process is kept to some of them itself: afterwards it sees no more than those. */
const last = availableParallelism() - 1;

/**
 * Gives the first of these processes the machine's last processor to itself, and the others the rest: so that who asks does
 * not take the time of who answers. False where that cannot be done.
 */
export function separate(measured: number, others: readonly number[]): boolean {
  return last > 0 && pin(String(last), measured) && others.every(pid => pin(`0-${last - 1}`, pid));
}

/** A thread that ends meanwhile makes it fail: then it is tried again. */
function pin(processors: string, pid: number): boolean {
  const args = ['--all-tasks', '--cpu-list', '--pid', processors, String(pid)];
  return [1, 2, 3].some(() => spawnSync('taskset', args).status === 0);
}
