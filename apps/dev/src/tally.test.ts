import { describe, expect, it } from 'vitest';
import { lastLine, sumOf, tallyOf, type VitestReport } from '../bin/lib/tally.mjs';

const report = (part: Partial<VitestReport>): VitestReport => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...part,
});

describe('what a vitest run came to', () => {
  it('counts its tests', () => {
    const run = report({ numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 });
    expect(tallyOf(run, 1)).toEqual({ passed: 5, failed: 1, skipped: 3 });
  });

  it('counts a file that does not load as a failure', () => {
    const file = { name: 'a', status: 'failed', assertionResults: [] };
    expect(tallyOf(report({ numPassedTests: 5, testResults: [file] }), 1).failed).toBe(1);
  });

  it('counts a failed test once, not again for its file', () => {
    const file = { name: 'a', status: 'failed', assertionResults: [{ status: 'failed', fullName: 'a' }] };
    expect(tallyOf(report({ numFailedTests: 1, testResults: [file] }), 1).failed).toBe(1);
  });

  it('counts a crash, with a report or without one', () => {
    expect(tallyOf(undefined, 139)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(tallyOf(report({ numPassedTests: 5 }), 1)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });
});

describe('the last line', () => {
  it('sums the suites', () => {
    const sum = sumOf([
      { passed: 2, failed: 0, skipped: 0 },
      { passed: 3, failed: 1, skipped: 0 },
    ]);
    expect(lastLine(sum)).toBe('5 passed, 1 failed\n');
  });

  it('mentions skipped tests only when there are some', () => {
    expect(lastLine({ passed: 1, failed: 0, skipped: 2 })).toBe('1 passed, 0 failed, 2 skipped\n');
  });
});
