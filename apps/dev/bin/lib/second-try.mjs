import { runSuite } from './run-suite.mjs';
import { sumOf } from './tally.mjs';

/**
 * Runs a suite, and its failed files once more by themselves: a machine that was busy for a moment must not hide
 * what a hundred other tests say. What passes only then is named in the outcome, for whoever mends it.
 *
 * @param {string} name
 * @param {typeof runSuite} run
 * @param {(text: string) => void} say
 * @returns {Promise<import('./run-suite.mjs').Outcome & { unsteady: string[] }>}
 */
export async function runWithSecondTry(name, run = runSuite, say = text => process.stdout.write(text)) {
  const first = await run(name);
  const files = first.report?.testResults ?? [];
  const failed = files.filter(file => file.status === 'failed');
  if (failed.length === 0) return { ...first, unsteady: [] };

  say(`\n── ${name}: once more, the files that failed\n`);
  const second = await run(
    name,
    failed.map(file => file.name),
  );
  const steady = files.filter(file => file.status !== 'failed');
  const stillFailed = new Set(titlesOf(second.report?.testResults ?? []));
  return {
    name,
    tally: sumOf([countOf(steady), second.tally]),
    seconds: first.seconds + second.seconds,
    report: second.report,
    unsteady: titlesOf(failed).filter(title => !stillFailed.has(title)),
  };
}

/** @param {import('./tally.mjs').TestFile[]} files */
function titlesOf(files) {
  return files
    .filter(file => file.status === 'failed')
    .flatMap(({ name, assertionResults }) => {
      const failed = assertionResults.filter(test => test.status === 'failed');
      return failed.length > 0 ? failed.map(test => test.fullName ?? name) : [name];
    });
}

/** @param {import('./tally.mjs').TestFile[]} files */
function countOf(files) {
  const tests = files.flatMap(file => file.assertionResults);
  const passed = tests.filter(test => test.status === 'passed').length;
  return { passed, failed: 0, skipped: tests.length - passed };
}
