/** What a need is called on PATH and in Debian. */
const providers = {
  redis: { command: 'redis-server', debianPackage: 'redis-server' },
  chromium: { command: 'chromium', debianPackage: 'chromium' },
  turn: { command: 'turnserver', debianPackage: 'coturn' },
  prometheus: { command: 'promtool', debianPackage: 'prometheus' },
  haproxy: { command: 'haproxy', debianPackage: 'haproxy' },
};

/** Where they cannot be installed the tests that use them are skipped, and say so. */
export const wishes = new Set(['haproxy']);

/**
 * @param {string[]} needs
 * @param {ReadonlySet<string>} present commands on PATH
 * @returns {string[]} Debian packages to install, in alphabetical order
 */
export function missingPackages(needs, present) {
  const missing = Object.entries(providers)
    .filter(([need, { command }]) => needs.includes(need) && !present.has(command))
    .map(([, { debianPackage }]) => debianPackage);
  return missing.sort();
}

/** @param {string[]} packages */
export function sudoLine(packages) {
  const install = `sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  return `sudo apt-get update && ${install}`;
}
