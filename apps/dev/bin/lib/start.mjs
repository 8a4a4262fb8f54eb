import { ensureBuilt } from './build.mjs';
import { exitCode } from './exit-code.mjs';
import { ensureInstalled } from './install.mjs';
import { cacheFolder } from './paths.mjs';
import { createProgress } from './progress.mjs';
import { parseStart, startHelp } from './start-options.mjs';

/**
 * Reads the flags, installs and builds what is missing, then hands over to the cluster.
 *
 * @param {string[]} argv
 * @param {import('./start-options.mjs').Environment} env
 * @returns {Promise<number>} the exit code
 */
export async function start(argv, env) {
  const startedAt = Date.now();
  // Neither a closed pipe nor a closed terminal may keep the cluster from being stopped in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const order = parseStart(argv, env);
  if (order.kind === 'help') {
    process.stdout.write(startHelp);
    return exitCode.ok;
  }
  const progress = createProgress(order.options.json ? process.stderr : process.stdout);
  try {
    await ensureInstalled(progress);
    await ensureBuilt(progress);
    // By address, because the types are checked on a clone that is not built.
    const { main } = await import(new URL('../../dist/main.js', import.meta.url).href);
    const parentIsNpm = env.npm_lifecycle_event !== undefined;
    return await main(order.options, { progress, cacheFolder, startedAt, parentIsNpm });
  } finally {
    progress.end();
  }
}
