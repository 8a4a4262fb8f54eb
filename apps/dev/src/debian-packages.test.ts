import { expect, it } from 'vitest';
import { missingPackages, sudoLine } from '../bin/lib/debian-packages.mjs';

it('only what a suite needs and PATH lacks is installed', () => {
  expect(missingPackages(['redis', 'chromium'], new Set())).toEqual(['chromium', 'redis-server']);
  expect(missingPackages(['redis', 'chromium'], new Set(['chromium']))).toEqual(['redis-server']);
  expect(missingPackages(['docker'], new Set())).toEqual([]);
});

it('the line for people without root is complete', () => {
  expect(sudoLine(['chromium', 'redis-server'])).toBe(
    'sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium redis-server',
  );
});
