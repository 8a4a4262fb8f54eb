export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of vitest's JSON report that counts. */
export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: TestFile[];
}

export interface TestFile {
  /** Its path. */
  name: string;
  status: string;
  assertionResults: { status: string; fullName: string }[];
}

export function tallyOf(report: VitestReport | undefined, code: number): Tally;
export function sumOf(tallies: Tally[]): Tally;
export function lastLine(tally: Tally): string;
