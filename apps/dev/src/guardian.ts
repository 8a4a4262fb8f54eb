// A process that outlives the one it guards. The guarded process tells it on stdin which processes it has
// (`+PID`) and no longer has (`-PID`); when stdin ends, however that came about, those still there are ended and
// the run folder is removed. It is how nothing stays behind after `kill -9`: neither Redis nor the apps can be
// asked to watch for that themselves.
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const deadlineMs = 5000;
const runFolder = process.argv[2];
const pids = new Set<number>();

// Whoever ends the guarded process ends us by closing stdin, not by a signal to everything in sight.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) pids.add(pid);
  else pids.delete(pid);
}

if (pids.size > 0) {
  signalAll('SIGTERM');
  const giveUpAt = Date.now() + deadlineMs;
  while (pids.size > 0 && Date.now() < giveUpAt) {
    await pause(50);
    signalAll(0);
  }
  signalAll('SIGKILL');
  if (runFolder) await rm(runFolder, { recursive: true, force: true });
}

/** Signal 0 only asks whether the process is there. Forgets those that are not. */
function signalAll(signal: NodeJS.Signals | 0): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      pids.delete(pid);
    }
  }
}
