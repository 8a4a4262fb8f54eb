import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prometheusFolder, readDashboards, readRules, rulesFile } from './monitoring-files.js';
import { promtool } from './promtool.js';

const testsFile = join(prometheusFolder, 'rules.test.yaml');

/** The rules and their tests in a folder of their own, with something in them replaced. */
function changed(from: string | RegExp, to: string): { rules: string; tests: string } {
  const folder = mkdtempSync(join(tmpdir(), 'manycast-rules-'));
  const text = readFileSync(rulesFile, 'utf8');
  expect(text).toMatch(from);
  const [rules, tests] = [join(folder, 'rules.yaml'), join(folder, 'rules.test.yaml')];
  writeFileSync(rules, text.replace(from, to));
  writeFileSync(tests, readFileSync(testsFile, 'utf8'));
  return { rules, tests };
}

describe('infra/prometheus', () => {
  it('has rules that Prometheus takes', () => {
    expect(promtool(['check', 'rules', rulesFile])).toMatchObject({ code: 0 });
  });

  it.each(['prometheus.yaml', 'npm-start.yaml'])('has a configuration that Prometheus takes: %s', file => {
    const { code, output } = promtool(['check', 'config', join(prometheusFolder, file)]);
    expect(output).toContain('SUCCESS');
    expect(code).toBe(0);
  });

  it('has alerts that fire when they should, and not otherwise', () => {
    const { code, output } = promtool(['test', 'rules', testsFile]);
    expect(output).toContain('SUCCESS');
    expect(code).toBe(0);
  });

  it('tests every alert', () => {
    const tested = new Set(
      [...readFileSync(testsFile, 'utf8').matchAll(/alertname: (\w+)/g)].map(([, name]) => name),
    );
    const alerts = readRules().flatMap(({ alert }) => alert ?? []);
    expect(alerts.filter(name => !tested.has(name))).toEqual([]);
  });

  it('says of every alert how bad it is, what it means and what to do', () => {
    for (const { alert, labels, annotations } of readRules()) {
      if (!alert) continue;
      expect(['critical', 'warning'], alert).toContain(labels?.severity);
      expect(annotations?.summary, alert).toMatch(/\.$/);
      expect(annotations?.runbook).toBe(`docs/operating/alerts.md#${alert.toLowerCase()}`);
    }
  });
});

describe('a mistake in the rules is found', () => {
  it('a query that is none', () => {
    const { rules } = changed('sum by (role) (manycast_sessions)', 'sum by (role (manycast_sessions)');
    expect(promtool(['check', 'rules', rules]).code).not.toBe(0);
  });

  it.each([
    ['a threshold that nobody reaches', '> 0.05', '> 0.5'],
    [
      'a pool that counts twice with two controllers',
      /sum\(max by \(server\) \((\w+reserved\w+)\)\)/,
      'sum($1)',
    ],
    ['an alert that waits for ever', 'for: 30s', 'for: 30h'],
  ] as [string, string | RegExp, string][])('%s', (_name, from, to) => {
    const { tests } = changed(from, to);
    const { code, output } = promtool(['test', 'rules', tests]);
    expect(output).toContain('FAILED');
    expect(code).not.toBe(0);
  });
});

describe.each(readDashboards())('the dashboard $title', ({ uid, panels }) => {
  it('is found by its own name, and every panel by its number', () => {
    expect(uid).toMatch(/^manycast-[a-z]+$/);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  it('asks the data source that was chosen', () => {
    for (const { targets, title } of panels)
      for (const { datasource } of targets) expect(datasource.uid, title).toBe('$' + '{datasource}');
  });

  it('has no panel upon another', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});
