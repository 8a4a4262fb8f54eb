import { isEmpty } from './run-suite.mjs';

/**
 * One line per check and suite.
 *
 * @param {import('./run-suite.mjs').Outcome[]} outcomes
 */
export function outcomeTable(outcomes) {
  const rows = outcomes.map(({ name, tally, seconds }) => {
    const { passed, failed, skipped } = tally;
    const counts = isEmpty(tally) ? 'no tests' : `${passed} passed, ${failed} failed, ${skipped} skipped`;
    return `  ${name.padEnd(12)} ${counts.padEnd(36)} ${seconds.toFixed(1).padStart(7)} s\n`;
  });
  return `\n${rows.join('')}`;
}
