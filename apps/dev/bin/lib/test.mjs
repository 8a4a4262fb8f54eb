import { inspect } from 'node:util';
import { ensureBuilt } from './build.mjs';
import { exitCode, Refusal } from './exit-code.mjs';
import { ensureInstalled } from './install.mjs';
import { ensureNeeds } from './needs.mjs';
import { outcomeTable } from './outcome-table.mjs';
import { createProgress } from './progress.mjs';
import { isEmpty, runSuite } from './run-suite.mjs';
import { runWithSecondTry } from './second-try.mjs';
import { runStaticChecks } from './static-checks.mjs';
import { onDemandCommands, suites } from './suites.mjs';
import { lastLine, sumOf } from './tally.mjs';

/** Whether a suite without a single test fails the run. */
const emptySuiteFails = true;

/**
 * `npm test`: sets up, checks, runs every daily suite. Whatever happens, the last line says what it came to.
 *
 * @returns {Promise<number>} the exit code
 */
export async function test() {
  const outcomes = [];
  const progress = createProgress(process.stdout);
  try {
    const daily = suites.filter(suite => suite.isDaily);
    await ensureNeeds([...new Set(daily.flatMap(suite => suite.needs))], progress);
    await ensureInstalled(progress);
    await ensureBuilt(progress);
    progress.step('checking lint, types and dead code');
    outcomes.push(...(await runStaticChecks()));
    progress.end();
    for (const { name, about, isTimed } of daily) {
      process.stdout.write(`\n── ${name}: ${about}\n`);
      const outcome = await (isTimed ? runWithSecondTry(name) : runSuite(name));
      if (emptySuiteFails && isEmpty(outcome.tally)) outcome.tally.failed = 1;
      outcomes.push(outcome);
    }
    process.stdout.write(outcomeTable(outcomes));
    for (const { name, unsteady } of outcomes) {
      for (const title of unsteady ?? []) process.stdout.write(`  unsteady     ${name}: ${title}\n`);
    }
    for (const [name, command] of Object.entries(onDemandCommands)) {
      process.stdout.write(`  ${name.padEnd(12)} not part of npm test: ${command}\n`);
    }
  } catch (cause) {
    progress.end();
    process.stderr.write(`${cause instanceof Refusal ? cause.message : inspect(cause)}\n`);
    outcomes.push({ name: 'set-up', tally: { passed: 0, failed: 1, skipped: 0 }, seconds: 0 });
  }
  const sum = sumOf(outcomes.map(outcome => outcome.tally));
  if (sum.passed + sum.failed === 0) sum.failed = 1;
  process.stdout.write(`\n${lastLine(sum)}`);
  return sum.failed === 0 ? exitCode.ok : exitCode.failed;
}
