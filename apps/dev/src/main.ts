import { once } from 'node:events';
import { exitCode, Refusal } from '../bin/lib/exit-code.mjs';
import type { Progress } from '../bin/lib/progress.mjs';
import type { StartOptions } from '../bin/lib/start-options.mjs';
import { Children } from './children.js';
import { startCluster } from './cluster.js';
import { watchLosses } from './losses.js';
import { openRunFolder, removeRunFolder } from './run-folder.js';
import { listenForStop, type StopReason } from './stop-request.js';
import { jsonLine, summarize } from './summary.js';
import { summaryTable } from './summary-table.js';

interface Surroundings {
  progress: Progress;
  cacheFolder: string;
  /** Milliseconds since the epoch: installing and building count as well. */
  startedAt: number;
  parentIsNpm: boolean;
}

/**
 * Runs a cluster until it is told to stop, and returns the exit code. Throws a Refusal when it cannot start or
 * cannot go on. In every case nothing that it started is left running.
 */
export async function main(options: StartOptions, surroundings: Surroundings): Promise<number> {
  const { progress, cacheFolder } = surroundings;
  const stop = listenForStop(surroundings);
  const runFolder = await openRunFolder(cacheFolder);
  const children = new Children(runFolder);
  stop.onImpatience = () => children.kill();

  let failure: unknown;
  let wasReady = false;
  try {
    const { stopped } = stop;
    const step = (text: string) => progress.step(text);
    const cluster = await startCluster(options, { children, cacheFolder, runFolder, step, stopped });
    wasReady = true;
    progress.end();
    const run = { logs: runFolder, starterPid: process.pid, guardianPid: children.guardianPid };
    const summary = summarize(cluster, run);
    const tookMs = Date.now() - surroundings.startedAt;
    process.stdout.write(options.json ? jsonLine(summary) : summaryTable(summary, tookMs));

    const report = (sentence: string) => void process.stderr.write(`${sentence}\n`);
    const stopAsked = stopped.aborted ? undefined : once(stopped, 'abort');
    failure = await Promise.race([watchLosses(cluster, children, report), stopAsked?.then(() => {})]);
  } catch (cause) {
    failure = cause;
  }

  progress.step('stopping');
  await children.stop();
  progress.end();
  if (stop.reason !== undefined) {
    await removeRunFolder(runFolder);
    return wasReady ? exitCode.ok : 128 + signalNumber[stop.reason];
  }
  // The logs stay for whoever looks into it; the next start clears them.
  if (failure instanceof Refusal && failure.exitCode !== exitCode.internal) await removeRunFolder(runFolder);
  throw failure;
}

const signalNumber: Record<StopReason, number> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
