import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot } from '../support/built-app.js';

export const prometheusFolder = join(repositoryRoot, 'infra/prometheus');
export const rulesFile = join(prometheusFolder, 'rules.yaml');
const dashboardsFolder = join(repositoryRoot, 'infra/grafana/dashboards');

export interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface Panel {
  id: number;
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string; datasource: { uid: string } }[];
}

export interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
}

export function readRules(): Rule[] {
  return parse(readFileSync(rulesFile, 'utf8')).groups.flatMap((group: { rules: Rule[] }) => group.rules);
}

export function readDashboards(): Dashboard[] {
  return readdirSync(dashboardsFolder).map(file =>
    JSON.parse(readFileSync(join(dashboardsFolder, file), 'utf8')),
  );
}

/** Every query that somebody looks at or is woken by; the title says where it stands. */
export function allQueries(): { title: string; expr: string }[] {
  const shown = readDashboards().flatMap(({ title, panels }) =>
    panels.flatMap(panel => panel.targets.map(({ expr }) => ({ title: `${title}, ${panel.title}`, expr }))),
  );
  return [
    ...shown,
    ...readRules().map(({ alert, record, expr }) => ({ title: alert ?? record ?? '', expr })),
  ];
}
