import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { cacheFolder, repository } from './paths.mjs';
import { tallyOf } from './tally.mjs';

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {import('./tally.mjs').Tally} tally
 * @property {number} seconds
 * @property {import('./tally.mjs').VitestReport} [report] absent when the run crashed before there was one
 */

/**
 * Runs one vitest project and counts.
 *
 * @param {string} name
 * @param {string[]} [args] further arguments for vitest
 * @returns {Promise<Outcome>}
 */
export async function runSuite(name, args = []) {
  const reports = join(cacheFolder, 'reports');
  const file = join(reports, `${name}.json`);
  mkdirSync(reports, { recursive: true });
  rmSync(file, { force: true });

  const startedAt = Date.now();
  const vitest = join(repository, 'node_modules', '.bin', 'vitest');
  const reporting = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  // A suite without files is not a crash; whether it is a failure is for the caller to say.
  const flags = ['run', '--project', name, '--passWithNoTests', ...reporting, ...args];
  const { code } = await runCommand(vitest, flags, { shown: true });
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  return { name, tally: tallyOf(report, code), seconds: (Date.now() - startedAt) / 1000, report };
}

/** @param {import('./tally.mjs').Tally} tally */
export function isEmpty({ passed, failed, skipped }) {
  return passed + failed + skipped === 0;
}
