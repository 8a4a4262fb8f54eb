import { ensureBuilt } from './build.mjs';
import { exitCode, Refusal } from './exit-code.mjs';
import { ensureInstalled } from './install.mjs';
import { ensureNeeds } from './needs.mjs';
import { createProgress } from './progress.mjs';
import { isEmpty, runSuite } from './run-suite.mjs';
import { suites } from './suites.mjs';
import { lastLine } from './tally.mjs';

/**
 * Sets up what one suite needs and runs it; further arguments go to vitest.
 *
 * @param {string[]} argv
 * @returns {Promise<number>} the exit code
 */
export async function suite([name, ...rest]) {
  const found = suites.find(one => one.name === name);
  if (!found) {
    const names = suites.map(one => `  ${one.name.padEnd(12)} ${one.about}`).join('\n');
    throw new Refusal(exitCode.usage, `Name one of the suites:\n${names}`);
  }
  const args = rest[0] === '--' ? rest.slice(1) : rest;
  const progress = createProgress(process.stdout);
  try {
    await ensureNeeds(found.needs, progress);
    await ensureInstalled(progress);
    if (found.isBuilt) await ensureBuilt(progress);
  } finally {
    progress.end();
  }
  const { tally } = await runSuite(found.name, args);
  if (isEmpty(tally)) tally.failed = 1;
  process.stdout.write(`\n${lastLine(tally)}`);
  return tally.failed === 0 ? exitCode.ok : exitCode.failed;
}
