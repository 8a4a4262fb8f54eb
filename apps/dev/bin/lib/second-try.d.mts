import type { Tally, VitestReport } from './tally.mjs';

interface Outcome {
  name: string;
  tally: Tally;
  seconds: number;
  report?: VitestReport;
}

export function runWithSecondTry(
  name: string,
  run?: (name: string, args?: string[]) => Promise<Outcome>,
): Promise<Outcome & { unsteady: string[] }>;
