import { request } from 'node:http';
import { lastLines, runCommand } from './command.mjs';
import { missingPackages, sudoLine, wishes } from './debian-packages.mjs';
import { exitCode, Refusal } from './exit-code.mjs';
import { findOnPath } from './path-search.mjs';

/**
 * Sees to it that the machine has what the tests need: as root on Debian it is installed, elsewhere the line to
 * type is the refusal.
 *
 * @param {import('./suites.mjs').Need[]} needs
 * @param {import('./progress.mjs').Progress} progress
 */
export async function ensureNeeds(needs, progress) {
  if (needs.includes('docker')) await requireDocker();
  const commands = ['redis-server', 'chromium', 'turnserver', 'promtool', 'haproxy', 'apt-get'];
  // Debian keeps servers in a folder that is not on everybody's PATH.
  const searched = `${process.env.PATH}:/usr/sbin`;
  const present = new Set(commands.filter(command => findOnPath(command, searched)));
  // The end-to-end tests take another Chromium where they are given one.
  if (process.env.CHROMIUM_PATH) present.add('chromium');
  const canInstall = process.getuid?.() === 0 && present.has('apt-get');
  const wished = missingPackages(
    needs.filter(need => wishes.has(need)),
    present,
  );
  if (canInstall && wished.length > 0) await install(wished, progress).catch(() => {});
  const packages = missingPackages(
    needs.filter(need => !wishes.has(need)),
    present,
  );
  if (packages.length === 0) return;
  if (!canInstall) {
    throw new Refusal(
      exitCode.unavailable,
      `The tests need ${packages.join(' and ')}: ${sudoLine(packages)}`,
    );
  }
  await install(packages, progress);
}

/**
 * @param {string[]} packages
 * @param {import('./progress.mjs').Progress} progress
 */
async function install(packages, progress) {
  progress.step(`installing ${packages.join(' and ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { code, output } = await runCommand('apt-get', args, { env });
    if (code !== 0) {
      throw new Refusal(exitCode.unavailable, `apt-get ${args[0]} failed:\n${lastLines(output, 10)}`);
    }
  }
}

/** Any engine that speaks Docker's protocol, where testcontainers looks for it too. */
async function requireDocker() {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const isSocket = host.startsWith('unix://');
  const url = new URL('/_ping', isSocket ? 'http://localhost' : host.replace(/^tcp:/, 'http:'));
  const socket = isSocket ? { socketPath: host.slice('unix://'.length) } : {};
  const answers = await new Promise(resolve => {
    const asking = request(url, { ...socket, timeout: 3000 }, response => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(false));
    asking.end();
  });
  if (answers) return;
  throw new Refusal(
    exitCode.unavailable,
    `These tests need a container engine, and none answers at ${host}: start one, or set DOCKER_HOST.`,
  );
}
