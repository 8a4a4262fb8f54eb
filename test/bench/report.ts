import type { Figure } from './benchmark.js';
import { targets } from './targets.js';

/** A table for people. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ bench, ours, peer, ratio, unit }) => [
    bench,
    shown(ours),
    peer === null ? '–' : shown(peer),
    ratio === null ? '–' : ratio.toFixed(2),
    ...verdict(bench, ratio ?? ours),
    unit,
  ]);
  const all = [['benchmark', 'ours', 'peer', 'ours ÷ peer', 'target', '', 'unit'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0))) ?? [];
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line of JSON per figure. */
export const jsonLines = (figures: readonly Figure[]): string =>
  figures.map(each => `${JSON.stringify(each)}\n`).join('');

function verdict(bench: string, value: number): [string, string] {
  const target = targets[bench];
  if (!target) return ['–', ''];
  const isMet = target.is === 'at most' ? value <= target.value : value >= target.value;
  return [`${target.is} ${target.value}`, isMet ? 'met' : 'not met'];
}

const shown = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
