import { describe, expect, it } from 'vitest';
import { runWithSecondTry } from '../bin/lib/second-try.mjs';
import { type TestFile, tallyOf } from '../bin/lib/tally.mjs';

const file = (name: string, ...statuses: string[]): TestFile => ({
  name,
  status: statuses.includes('failed') || statuses.length === 0 ? 'failed' : 'passed',
  assertionResults: statuses.map((status, index) => ({ status, fullName: `${name} ${index}` })),
});

const count = (files: TestFile[], status: string) =>
  files.flatMap(({ assertionResults }) => assertionResults).filter(test => test.status === status).length;

/** A suite whose runs come out as given; `asked` says which files each was for. */
function suiteOf(...runs: TestFile[][]) {
  const asked: string[][] = [];
  const run = async (name: string, args: string[] = []) => {
    const testResults = runs[asked.length] ?? [];
    asked.push(args);
    const report = {
      numPassedTests: count(testResults, 'passed'),
      numFailedTests: count(testResults, 'failed'),
      numPendingTests: count(testResults, 'pending'),
      numTodoTests: 0,
      testResults,
    };
    const code = testResults.some(({ status }) => status === 'failed') ? 1 : 0;
    return { name, tally: tallyOf(report, code), seconds: 1, report };
  };
  return { asked, run };
}

const quietly = () => {};

describe('a suite with a second try', () => {
  it('runs once when nothing fails', async () => {
    const { asked, run } = suiteOf([file('a', 'passed', 'pending')]);
    const outcome = await runWithSecondTry('kms', run, quietly);
    expect(asked).toEqual([[]]);
    expect(outcome).toMatchObject({ tally: { passed: 1, failed: 0, skipped: 1 }, unsteady: [] });
  });

  it('runs the failed files again, alone, and names what passes only then', async () => {
    const { asked, run } = suiteOf(
      [file('a', 'passed', 'passed'), file('b', 'passed', 'failed')],
      [file('b', 'passed', 'passed')],
    );
    const outcome = await runWithSecondTry('kms', run, quietly);
    expect(asked).toEqual([[], ['b']]);
    expect(outcome).toMatchObject({ tally: { passed: 4, failed: 0 }, seconds: 2, unsteady: ['b 1'] });
  });

  it('fails what fails twice, also a file that does not load', async () => {
    const { run } = suiteOf([file('a', 'failed'), file('b')], [file('a', 'failed'), file('b')]);
    expect(await runWithSecondTry('kms', run, quietly)).toMatchObject({
      tally: { passed: 0, failed: 2 },
      unsteady: [],
    });
  });
});
