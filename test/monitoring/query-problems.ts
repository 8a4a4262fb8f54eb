import type { ShownMetric } from './exposition.js';
import { readQuery } from './promql.js';

/** What Prometheus itself adds. */
const given = new Set(['up', 'ALERTS']);
const addedLabels = new Set(['job', 'instance', 'le']);

/**
 * Queries that would show nothing, or group by nothing, because no process shows such a metric or label. Prometheus
 * takes them without a word. Labels of a metric are known as soon as it has one series.
 */
export function queryProblems(
  queries: { title: string; expr: string }[],
  shown: ReadonlyMap<string, ShownMetric>,
  recorded: ReadonlySet<string>,
): string[] {
  return queries.flatMap(({ title, expr }) => {
    const { selectors, grouping, isSyntaxOk } = readQuery(expr);
    if (!isSyntaxOk || (selectors.length === 0 && !expr.includes('('))) return [`${title}: is no query`];
    const problems = selectors
      .filter(({ metric }) => !given.has(metric) && !recorded.has(metric))
      .flatMap(({ metric, labels }) => {
        const found = shown.get(metric);
        if (!found) return [`${title}: nobody shows ${metric}`];
        if (found.series === 0) return [];
        const used = [...labels, ...(selectors.length === 1 ? grouping : [])];
        return used
          .filter(label => !found.labels.has(label) && !addedLabels.has(label))
          .map(label => `${title}: ${metric} has no label ${label}`);
      });
    return problems;
  });
}
