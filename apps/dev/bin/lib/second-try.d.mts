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
  say?: (text: string) => void,
): Promise<Outcome & { unsteady: string[] }>;
