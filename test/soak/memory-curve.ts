import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerFigures } from './server-figures.js';

export interface Sample extends ServerFigures {
  joins: number;
  seconds: number;
}

const column = (samples: readonly Sample[], name: keyof Sample) => samples.map(sample => sample[name]);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new Error('the median of nothing');
  return (low + high) / 2;
}

/** The samples of one quarter of the run, 1 to 4, by joins. */
export function quarter(samples: readonly Sample[], which: 1 | 2 | 3 | 4): Sample[] {
  const total = samples.at(-1)?.joins ?? 0;
  return samples.filter(({ joins }) => joins > ((which - 1) / 4) * total && joins <= (which / 4) * total);
}

/** From the median of the second quarter, which is past the warm-up, to that of the last. */
export function growth(samples: readonly Sample[], name: keyof Sample): number {
  return median(column(quarter(samples, 4), name)) - median(column(quarter(samples, 2), name));
}

/** The resident memory over the joins, drawn from zero. */
export function asciiCurve(samples: readonly Sample[], rows = 10): string {
  const values = column(samples, 'residentMb');
  const top = Math.max(...values);
  const lines = Array.from({ length: rows }, (_, row) => {
    const floor = (top * (rows - row - 1)) / rows;
    const dots = values
      .map(value => (value > floor ? (value <= floor + top / rows ? '▄' : '█') : ' '))
      .join('');
    return `${(floor + top / rows).toFixed(0).padStart(5)} MB │${dots}`;
  });
  const last = String(samples.at(-1)?.joins ?? 0);
  return [
    ...lines,
    `         └${'─'.repeat(values.length)}`,
    `          0${last.padStart(values.length - 1)} joins`,
  ].join('\n');
}

/** `memory.csv` and `memory.svg` in the folder; returns their paths. */
export async function writeCurve(
  folder: string,
  samples: readonly Sample[],
  resting: readonly Sample[],
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const names: (keyof Sample)[] = ['joins', 'seconds', 'residentMb', 'heapMb', 'openFiles', 'endpoints'];
  const rows = samples.map(sample => names.map(name => Number(sample[name].toFixed(2))).join(','));
  const [csv, svg] = [join(folder, 'memory.csv'), join(folder, 'memory.svg')];
  await writeFile(csv, `${[names.join(','), ...rows].join('\n')}\n`);
  await writeFile(svg, svgCurve(samples, resting));
  return [csv, svg];
}

function svgCurve(samples: readonly Sample[], resting: readonly Sample[]): string {
  const [width, height, margin] = [800, 320, 48];
  const top = Math.ceil(Math.max(...column(samples, 'residentMb')) / 20) * 20;
  const last = samples.at(-1)?.joins ?? 1;
  const x = (joins: number) => margin + ((width - 2 * margin) * joins) / last;
  const y = (mb: number) => height - margin - ((height - 2 * margin) * mb) / top;
  const points = (name: 'residentMb' | 'heapMb') =>
    samples.map(sample => `${x(sample.joins).toFixed(1)},${y(sample[name]).toFixed(1)}`).join(' ');
  const ticks = Array.from({ length: top / 20 + 1 }, (_, index) => index * 20);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">
  <rect width="${width}" height="${height}" fill="#fff"/>
  <text x="${margin}" y="24" font-size="15">Embedded media server: memory over ${last} joins and leaves</text>
${ticks.map(mb => `  <path d="M${margin} ${y(mb)}H${width - margin}" stroke="#ddd"/><text x="${margin - 6}" y="${y(mb) + 4}" text-anchor="end">${mb}</text>`).join('\n')}
  <text x="${width - margin}" y="${height - 16}" text-anchor="end">${last} joins</text>
  <text x="${margin}" y="${height - 16}">0</text>
  <polyline fill="none" stroke="#0a58ca" stroke-width="2" points="${points('residentMb')}"/>
  <polyline fill="none" stroke="#2e8b57" stroke-width="2" points="${points('heapMb')}"/>
${resting.map(({ joins, residentMb }) => `  <circle cx="${x(joins)}" cy="${y(residentMb)}" r="5" fill="#c2410c"/>`).join('\n')}
  <text x="${width - margin}" y="24" text-anchor="end"><tspan fill="#0a58ca">resident</tspan> <tspan fill="#2e8b57">JavaScript heap</tspan> <tspan fill="#c2410c">resident at rest, garbage collected</tspan> (MB)</text>
</svg>
`;
}
