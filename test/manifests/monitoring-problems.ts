import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { readDashboards, readRules, rulesFile } from '../monitoring/monitoring-files.js';
import { readQuery } from '../monitoring/promql.js';
import { type KubeObject, named, ofKind, titleOf, workloadsOf } from './kube-object.js';

/** Whether what is scraped, computed and shown on Kubernetes is what infra/ says. */
export function monitoringProblems(objects: KubeObject[]): string[] {
  return [
    ...ofKind(objects, 'PodMonitor').flatMap(monitor => monitorProblems(monitor, objects)),
    ...ofKind(objects, 'PrometheusRule').flatMap(rule =>
      isDeepStrictEqual(rule.spec.groups, parse(readFileSync(rulesFile, 'utf8')).groups)
        ? []
        : [`${titleOf(rule)}: is not what infra/prometheus/rules.yaml says`],
    ),
    ...ofKind(objects, 'PodMonitor')
      .slice(0, 1)
      .flatMap(() => dashboardProblems(objects)),
    ...ofKind(objects, 'ScaledObject').flatMap(queryProblems),
  ];
}

/** Jobs that the rules ask for. */
const jobs = ['manycast-signaling', 'manycast-controller'];

function monitorProblems(monitor: KubeObject, objects: KubeObject[]): string[] {
  const { selector, podMetricsEndpoints, jobLabel } = monitor.spec;
  const wanted = Object.entries(selector.matchLabels ?? {});
  const found = workloadsOf(objects).filter(({ spec }) =>
    wanted.every(([name, value]) => spec.template.metadata?.labels?.[name] === value),
  );
  const ports = found.flatMap(({ spec }) => spec.template.spec.containers.flatMap(({ ports = [] }) => ports));
  const job = found[0]?.spec.template.metadata?.labels?.[jobLabel] ?? '';
  return [
    ...(found.length === 1 ? [] : [`selects the pods of ${found.length} workloads, not of one`]),
    ...(jobs.includes(job) ? [] : [`its job would be called "${job}"`]),
    ...(podMetricsEndpoints as { port: string; path?: string }[])
      .filter(({ port, path }) => path !== '/metrics' || !ports.some(({ name }) => name === port))
      .map(({ port, path }) => `no container has the port ${port} with ${path}`),
  ].map(problem => `${titleOf(monitor)}: ${problem}`);
}

function dashboardProblems(objects: KubeObject[]): string[] {
  const map = named(objects, 'ConfigMap', 'manycast-dashboards');
  const given = Object.values(map?.data ?? {}).map(text => JSON.parse(text).uid);
  const missing = readDashboards().filter(({ uid }) => !given.includes(uid));
  return [
    ...missing.map(({ uid }) => `ConfigMap manycast-dashboards: leaves out ${uid}`),
    ...(map?.metadata.labels?.grafana_dashboard
      ? []
      : ['ConfigMap manycast-dashboards: Grafana does not find it']),
  ];
}

function queryProblems(object: KubeObject): string[] {
  const recorded = new Set(readRules().map(({ record }) => record));
  return (object.spec.triggers as { metadata: { query: string } }[]).flatMap(({ metadata: { query } }) => {
    const { selectors, isSyntaxOk } = readQuery(query);
    const unknown = selectors.filter(({ metric }) => !recorded.has(metric)).map(({ metric }) => metric);
    return [
      ...(isSyntaxOk ? [] : [`${titleOf(object)}: ${query} is no query`]),
      ...unknown.map(metric => `${titleOf(object)}: no rule records ${metric}`),
    ];
  });
}
