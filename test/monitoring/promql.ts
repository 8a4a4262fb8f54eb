import { parser } from '@prometheus-io/lezer-promql';

/** A metric that a query reads, with the labels it is asked for by matchers. */
export interface Selector {
  metric: string;
  labels: string[];
}

export interface Query {
  selectors: Selector[];
  /** By which it groups or joins. */
  grouping: string[];
  isSyntaxOk: boolean;
}

/** What a query reads, by Prometheus's own grammar. Grafana's variables are taken for any value. */
export function readQuery(expr: string): Query {
  const text = expr.replaceAll(/\$\{?\w+\}?/g, 'x');
  const query: Query = { selectors: [], grouping: [], isSyntaxOk: true };
  parser.parse(text).iterate({
    enter(node) {
      const own = () => text.slice(node.from, node.to);
      if (node.type.isError) query.isSyntaxOk = false;
      if (node.name === 'VectorSelector') query.selectors.push({ metric: '', labels: [] });
      const selector = query.selectors.at(-1);
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector' && selector)
        selector.metric = own();
      if (node.name !== 'LabelName') return;
      const isMatcher = node.node.parent?.name.includes('Matcher');
      if (isMatcher && selector) selector.labels.push(own());
      else query.grouping.push(own());
    },
  });
  return query;
}
