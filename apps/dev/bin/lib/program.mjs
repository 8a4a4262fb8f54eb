import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { ensureNeeds } from './needs.mjs';
import { repository } from './paths.mjs';
import { createProgress } from './progress.mjs';

/**
 * Sets up what a program below test/ needs, a build and a Redis, and runs it. Progress goes to stderr: stdout is the
 * program's.
 *
 * @param {string} file
 * @param {string[]} argv
 * @param {import('./suites.mjs').Need[]} needs
 * @returns {Promise<number>} its exit code
 */
export async function program(file, argv, needs = ['redis']) {
  const progress = createProgress(process.stderr);
  try {
    await ensureNeeds(needs, progress);
    await ensureInstalled(progress);
    await ensureBuilt(progress);
  } finally {
    progress.end();
  }
  const cwd = join(repository, 'test');
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...argv], { cwd, stdio: 'inherit' });
  // Ctrl-C reaches both; the program ends what it has started, and then this ends.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.on(signal, () => child.kill(signal));
  const [code, signal] = await once(child, 'exit');
  return code ?? (signal === 'SIGINT' ? 130 : 1);
}
