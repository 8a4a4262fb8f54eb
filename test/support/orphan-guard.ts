import { type ChildProcess, spawn } from 'node:child_process';

/** Reads `+ pid` and `- pid`; at the end of its input kills what is left. Small, and there on every POSIX system. */
const SCRIPT = `
pids=" "
while read -r sign pid; do
  case "$sign" in
    +) pids="$pids$pid " ;;
    -) case "$pids" in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
`;

let guard: ChildProcess | undefined;

/**
 * Ends a child process when this one is gone, however it went: a worker that crashes or is killed runs no exit
 * handler. The guard stands in a process group of its own, so that Ctrl-C does not take it first.
 */
export function guardAgainstOrphaning(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  const input = guardInput();
  input?.write(`+ ${pid}\n`);
  child.once('exit', () => input?.write(`- ${pid}\n`));
}

function guardInput() {
  if (!guard) {
    guard = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guard.unref();
    // The process may end while the pipe is open: that is the guard's signal.
    (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    guard.stdin?.on('error', () => undefined);
  }
  return guard.stdin;
}
