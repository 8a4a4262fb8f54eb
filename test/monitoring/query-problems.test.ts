import { describe, expect, it } from 'vitest';
import { readExposition } from './exposition.js';
import { queryProblems } from './query-problems.js';

const shown = readExposition(`# HELP joins_total Offers answered
# TYPE joins_total counter
joins_total{role="viewer",outcome="accepted, \\"so\\""} 3
# HELP join_seconds From an offer to its answer
# TYPE join_seconds histogram
join_seconds_bucket{le="0.1",role="viewer"} 1
join_seconds_bucket{le="+Inf",role="viewer"} 3
join_seconds_sum{role="viewer"} 0.4
join_seconds_count{role="viewer"} 3
# HELP failovers_total None yet
# TYPE failovers_total counter
`);

it('reads what a process shows', () => {
  expect(shown.get('joins_total')).toEqual({
    type: 'counter',
    help: 'Offers answered',
    labels: new Set(['role', 'outcome']),
    series: 1,
  });
  expect(shown.get('join_seconds_bucket')).toMatchObject({ type: 'histogram', series: 2 });
  expect(shown.has('join_seconds')).toBe(false);
});

describe('of a query it is said', () => {
  it.each([
    ['sum by (role) (rate(joins_total{outcome!="accepted"}[5m]))', []],
    ['histogram_quantile(0.9, sum by (role, le) (rate(join_seconds_bucket[5m])))', []],
    ['joins:rate5m', []],
    ['sum by (kind) (failovers_total)', []],
    ['rate(join_total[5m])', ['it: nobody shows join_total']],
    ['join_seconds', ['it: nobody shows join_seconds']],
    ['joins_total{result="accepted"}', ['it: joins_total has no label result']],
    ['sum by (node) (joins_total)', ['it: joins_total has no label node']],
    ['sum by role) (joins_total)', ['it: is no query']],
  ])('%s: %j', (expr, expected) => {
    expect(queryProblems([{ title: 'it', expr }], shown, new Set(['joins:rate5m']))).toEqual(expected);
  });
});
