import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { repository } from './paths.mjs';

const bin = name => join(repository, 'node_modules', '.bin', name);

const checks = [
  { name: 'lint', file: bin('biome'), args: ['check', '.'] },
  { name: 'types', file: bin('tsc'), args: ['--noEmit', '-p', '.'] },
  { name: 'scripts', file: bin('tsc'), args: ['-p', 'apps/dev/bin'] },
  { name: 'dead code', file: bin('knip'), args: [] },
];

/**
 * What needs no test to be found wrong, side by side. The output of what fails is shown; each counts as one
 * test passed or failed.
 *
 * @returns {Promise<import('./run-suite.mjs').Outcome[]>}
 */
export function runStaticChecks() {
  return Promise.all(
    checks.map(async ({ name, file, args }) => {
      const startedAt = Date.now();
      const { code, output } = await runCommand(file, args);
      if (code !== 0) process.stdout.write(`\n${name}\n${output}\n`);
      const tally = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
      return { name, tally, seconds: (Date.now() - startedAt) / 1000 };
    }),
  );
}
