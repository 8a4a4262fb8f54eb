/** A measurement for whoever reads the run: one line on stdout, in failing and passing runs alike. */
export function printFigure(what: string, value: string | number): void {
  process.stdout.write(`  figure: ${what}: ${value}\n`);
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
