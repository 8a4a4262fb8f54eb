import { expect, test } from 'vitest';
import { asciiCurve, growth, median, quarter, type Sample } from './memory-curve.js';

const run = (...residentMb: number[]): Sample[] =>
  residentMb.map((mb, index) => ({
    joins: (index + 1) * 50,
    seconds: index,
    residentMb: mb,
    heapMb: mb / 2,
    openFiles: 20,
    endpoints: 1,
  }));

test('the median is the middle, or between the two middles', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
});

test('quarters are counted by joins', () => {
  const samples = run(1, 2, 3, 4, 5, 6, 7, 8);
  expect(quarter(samples, 2).map(({ residentMb }) => residentMb)).toEqual([3, 4]);
  expect(quarter(samples, 4).map(({ residentMb }) => residentMb)).toEqual([7, 8]);
});

test('a warm-up is no growth, a steady rise is', () => {
  expect(growth(run(10, 60, 80, 80, 81, 80, 79, 80), 'residentMb')).toBe(-0.5);
  expect(growth(run(10, 20, 30, 40, 50, 60, 70, 80), 'residentMb')).toBe(40);
});

test('the curve is drawn from zero', () => {
  expect(asciiCurve(run(25, 50, 100, 100), 4).split('\n')).toEqual([
    '  100 MB │  ▄▄',
    '   75 MB │  ██',
    '   50 MB │ ▄██',
    '   25 MB │▄███',
    '         └────',
    '          0200 joins',
  ]);
});
