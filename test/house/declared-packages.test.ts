import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// A clone has everything in one node_modules, so what a workspace imports without declaring it works there, and is
// missing in its image.
const root = fileURLToPath(new URL('../..', import.meta.url));
const workspaces = ['packages', 'apps'].flatMap(folder =>
  readdirSync(join(root, folder)).map(name => join(folder, name)),
);

/** What only tests load. */
const forTests = /\.(test|contract)\.ts$|(^|\/)(testing|contracts)\//;

function importedBy(workspace: string): string[] {
  const sources = readdirSync(join(root, workspace, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !forTests.test(file))
    .map(file => readFileSync(join(root, workspace, 'src', file), 'utf8'));
  // Types alone are gone from the build.
  const specifiers = sources.flatMap(text =>
    [...text.matchAll(/^(?:import|export) (?!type )(?:[^;']*? from )?'([^'.][^']*)';$/gm)].map(
      ([, specifier = '']) => specifier,
    ),
  );
  const packages = specifiers
    .filter(name => !isBuiltin(name))
    .map(name => name.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? name);
  return [...new Set(packages)].sort();
}

describe.each(workspaces)('%s', workspace => {
  const { name, dependencies = {} } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8'));

  it('declares every package that it needs to run', () => {
    expect(importedBy(workspace).filter(each => each !== name && !(each in dependencies))).toEqual([]);
  });
});

it('imports are found', () => {
  expect(importedBy('apps/signaling')).toEqual(
    expect.arrayContaining(['@manycast/core', '@manycast/jobs', 'express', 'ws', 'zod']),
  );
});
