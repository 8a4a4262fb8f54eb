import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environmentName } from '@manycast/runtime';
import { describe, expect, it } from 'vitest';
import { appSchemas } from '../manifests/app-settings.js';
import { repositoryRoot } from '../support/built-app.js';
import { readRules } from './monitoring-files.js';

const folder = join(repositoryRoot, 'docs/operating');

/** A heading as GitHub makes a link of it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

const anchorsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe('docs/operating/alerts.md', () => {
  const sections = anchorsOf(join(folder, 'alerts.md'));
  const alerts = readRules().flatMap(({ alert, annotations }) => (alert ? [{ alert, annotations }] : []));

  it.each(alerts)('has a section for $alert, which its runbook leads to', ({ annotations }) => {
    const [file, anchor] = annotations?.runbook?.split('#') ?? [];
    expect(existsSync(join(repositoryRoot, file ?? ''))).toBe(true);
    expect(sections).toContain(anchor);
  });

  it('has none for an alert that does not exist', () => {
    const known = alerts.map(({ alert }) => alert.toLowerCase());
    expect(sections.filter(section => section.startsWith('manycast') && !known.includes(section))).toEqual(
      [],
    );
  });
});

describe.each(readdirSync(folder))('docs/operating/%s', name => {
  const file = join(folder, name);
  const text = readFileSync(file, 'utf8');

  it('has no link that leads nowhere', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    for (const [, path, anchor] of links) {
      const target = path ? join(dirname(file), path) : file;
      expect(existsSync(target), path).toBe(true);
      if (anchor) expect(anchorsOf(target), `${path}#${anchor}`).toContain(anchor);
    }
  });

  it('names only settings and npm scripts that exist', () => {
    const settings = Object.values(appSchemas).flatMap(({ shape }) =>
      Object.keys(shape).map(environmentName),
    );
    for (const [setting] of text.matchAll(/MANYCAST_[A-Z_]+[A-Z]/g)) expect(settings).toContain(setting);
    const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
    for (const [, script = ''] of text.matchAll(/`npm run ([\w:]+)`/g))
      expect(scripts).toHaveProperty([script]);
  });
});
