import { exitCode } from './exit-code.mjs';
import { ensureInstalled } from './install.mjs';
import { outcomeTable } from './outcome-table.mjs';
import { createProgress } from './progress.mjs';
import { runSuite } from './run-suite.mjs';
import { runStaticChecks } from './static-checks.mjs';
import { lastLine, sumOf } from './tally.mjs';

/**
 * `npm run check`: everything that needs nothing but Node, in under a minute.
 *
 * @returns {Promise<number>} the exit code
 */
export async function check() {
  const progress = createProgress(process.stdout);
  try {
    await ensureInstalled(progress);
    progress.step('checking lint, types and dead code');
    const outcomes = await runStaticChecks();
    progress.end();
    outcomes.push(await runSuite('unit'));
    process.stdout.write(outcomeTable(outcomes));
    const sum = sumOf(outcomes.map(outcome => outcome.tally));
    process.stdout.write(`\n${lastLine(sum)}`);
    return sum.failed === 0 ? exitCode.ok : exitCode.failed;
  } finally {
    progress.end();
  }
}
