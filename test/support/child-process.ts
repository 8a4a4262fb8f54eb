import { spawn } from 'node:child_process';
import { childEnvironment } from './environment.js';
import { guardAgainstOrphaning } from './orphan-guard.js';
import { ProcessLog } from './process-log.js';
import { waitFor } from './wait-for.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ProcessOrder {
  /** How failures call it. */
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** True, or a log line that matches, means that it serves. Without it, being spawned is enough. */
  ready?: RegExp | (() => unknown | Promise<unknown>);
  /** Default 15,000 ms. */
  readyTimeoutMs?: number;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  readonly log: ProcessLog;
  readonly exited: Promise<Exit>;
  isRunning(): boolean;
  /** Only this process, never its group. */
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when it has not gone by the deadline (default 10,000 ms). Safe to repeat. */
  stop(deadlineMs?: number): Promise<Exit>;
}

/** Starts it and waits until it serves. Throws with its last lines when it dies first or is too slow. */
export async function startProcess(order: ProcessOrder): Promise<RunningProcess> {
  const child = spawn(order.command, order.args, {
    cwd: order.cwd,
    env: childEnvironment(order.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = new ProcessLog();
  log.collect(child.stdout);
  log.collect(child.stderr);
  guardAgainstOrphaning(child);

  let exit: Exit | undefined;
  let failure: Error | undefined;
  const exited = new Promise<Exit>(resolve => {
    const settle = (value: Exit) => {
      exit = value;
      resolve(value);
    };
    child.once('error', error => {
      failure = error;
      if (child.pid === undefined) settle({ code: null, signal: null });
    });
    child.once('close', (code, signal) => settle({ code, signal }));
  });

  const process: RunningProcess = {
    name: order.name,
    pid: child.pid ?? -1,
    log,
    exited,
    isRunning: () => exit === undefined,
    kill: signal => {
      if (!exit) child.kill(signal);
    },
    stop: async (deadlineMs = 10_000) => {
      if (exit) return exit;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
      const how = await exited;
      clearTimeout(timer);
      return how;
    },
  };

  try {
    await untilReady(order, process);
  } catch (error) {
    await process.stop(1_000);
    const reason = failure?.message ?? (error as Error).message;
    throw new Error(`${order.name} did not start: ${reason}\nits last lines:\n${log.tail()}`, {
      cause: error,
    });
  }
  return process;
}

async function untilReady({ name, ready, readyTimeoutMs = 60_000 }: ProcessOrder, process: RunningProcess) {
  let isGone = false;
  await waitFor(
    `${name} to be ready`,
    async () => {
      isGone = !process.isRunning();
      if (isGone) return true;
      if (ready === undefined) return process.pid > 0;
      return ready instanceof RegExp ? process.log.find(ready) : await ready();
    },
    { timeoutMs: readyTimeoutMs, intervalMs: 50 },
  );
  if (!isGone) return;
  const { code, signal } = await process.exited;
  throw new Error(`it ended with ${signal ?? `code ${code}`}`);
}
