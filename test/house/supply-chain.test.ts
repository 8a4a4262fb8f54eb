import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const read = (file: string) => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');

interface Locked {
  link?: boolean;
  resolved?: string;
  integrity?: string;
}

it('every package is locked with its integrity, and comes from the registry or from here', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
  const installed = Object.entries(packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && !link,
  );
  expect(installed.length).toBeGreaterThan(100);
  const loose = installed.filter(
    ([, { integrity, resolved = '' }]) =>
      !/^sha(512|256)-/.test(integrity ?? '') || !/^(https:\/\/registry\.npmjs\.org\/|$)/.test(resolved),
  );
  expect(loose.map(([path]) => path)).toEqual([]);
});

it('no package runs a script when it is installed', () => {
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
});
