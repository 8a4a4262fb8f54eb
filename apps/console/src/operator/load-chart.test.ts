import { expect, it } from 'vitest';
import { ceilingOf } from './load-chart.js';

it.each([
  [[0], undefined, 4],
  [[3], undefined, 4],
  [[18], 600, 700],
  [[95], undefined, 100],
  [[120, 40], undefined, 200],
])('a chart of %j with the limit %s reaches to %i', (values, limit, expected) => {
  const samples = values.map(value => ({ atMs: 0, value, ...(limit !== undefined && { limit }) }));
  expect(ceilingOf(samples)).toBe(expected);
});
