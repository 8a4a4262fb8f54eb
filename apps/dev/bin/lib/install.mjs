import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { lastLines, runCommand } from './command.mjs';
import { exitCode, Refusal } from './exit-code.mjs';
import { cacheFolder, repository } from './paths.mjs';

const stampFile = join(cacheFolder, 'installed');

/**
 * Installs node_modules unless they are there and come from this package-lock.json.
 * Why not `npm ci`: docs/decisions/0001-npm-install-not-ci.md.
 *
 * @param {import('./progress.mjs').Progress} progress
 */
export async function ensureInstalled(progress) {
  const stamp = currentStamp();
  if (existsSync(join(repository, 'node_modules')) && readStamp() === stamp) return;

  progress.step('installing packages (once)');
  const npm = npmCommand();
  const flags = ['--no-save', '--no-audit', '--no-fund', '--prefer-offline', '--include=dev'];
  const quiet = ['--loglevel=warn', ...privateCache()];
  const { code, output } = await runCommand(npm.file, [...npm.args, 'install', ...flags, ...quiet]);
  if (code !== 0) {
    throw new Refusal(exitCode.unavailable, `npm install failed:\n${lastLines(output, 15)}`);
  }
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** The platform counts: node_modules carry binaries. */
function currentStamp() {
  const lock = readFileSync(join(repository, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  return `${process.platform}-${process.arch} ${hash}\n`;
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined;
}

/** The user's own npm cache is used if there is one, and not brought into being if there is none. */
function privateCache() {
  const usual = process.env.npm_config_cache ?? join(homedir(), '.npm');
  return existsSync(join(usual, '_cacache')) ? [] : ['--cache', join(cacheFolder, 'npm')];
}

/** The npm that runs us, or else the one on PATH. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running && /npm-cli\.[cm]?js$/.test(running)) return { file: process.execPath, args: [running] };
  return { file: 'npm', args: [] };
}
