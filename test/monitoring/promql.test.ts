import { expect, it } from 'vitest';
import { readQuery } from './promql.js';

it('finds the metrics, what they are asked for, and what is grouped by', () => {
  const query = readQuery(
    'histogram_quantile(0.95, sum by (role, le) (rate(joins_bucket{job=~"a.*", instance=~"$instance"}[5m]))) / on (pod) limit:max',
  );
  expect(query).toEqual({
    selectors: [
      { metric: 'joins_bucket', labels: ['job', 'instance'] },
      { metric: 'limit:max', labels: [] },
    ],
    grouping: ['role', 'le', 'pod'],
    isSyntaxOk: true,
  });
});

it.each(['sum(rate(joins[5m])', 'sum by (role rate(joins[5m])', 'joins{role=viewer}', ''])(
  'sees that %s is no query',
  expr => expect(readQuery(expr)).toMatchObject(expr ? { isSyntaxOk: false } : { selectors: [] }),
);
