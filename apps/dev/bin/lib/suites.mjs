/**
 * @typedef {'redis' | 'chromium' | 'prometheus' | 'haproxy' | 'docker'} Need
 * @typedef {object} Suite
 * @property {string} name the vitest project, which takes the files *.NAME.test.ts
 * @property {string} about
 * @property {Need[]} needs what must be on the machine besides Node
 * @property {boolean} isBuilt its tests start apps from their builds
 * @property {boolean} isDaily part of `npm test`
 * @property {boolean} [isTimed] starts processes and waits for them: a busy machine can fail it
 */

/** In the order in which `npm test` runs them: what fails fast comes first. @type {Suite[]} */
export const suites = [
  daily('unit', 'pure code', [], { isBuilt: false }),
  daily('redis', 'Redis scripts and stores', ['redis']),
  daily('kms', 'the adapter against a media server', []),
  daily('conformance', "a media server against Kurento's behaviour", []),
  daily('cluster', 'nodes, media servers and Redis together', ['redis', 'prometheus', 'haproxy']),
  daily('manifests', 'k8s/ and infra/ against the configuration schemas', ['prometheus'], { isTimed: false }),
  daily('e2e', 'browsers watching a broadcast', ['redis', 'chromium']),
  onDemand('containers', 'the cluster on containers', ['docker']),
  onDemand('faults', 'every step of the hot paths, and pictures in browsers, through kills', [
    'redis',
    'chromium',
  ]),
  onDemand('chaos', 'random faults from one seed, then the rules', ['redis']),
  onDemand('fuzz', 'a million hostile frames, floods of one client', ['redis']),
  onDemand('soak', 'memory over thousands of joins and leaves', ['redis']),
];

/** Left out of `npm test`, with the commands that run them. */
export const onDemandCommands = {
  containers: 'npm run test:containers',
  faults: 'npm run faults',
  chaos: 'npm run chaos',
  fuzz: 'npm run fuzz',
  soak: 'npm run soak',
};

function daily(name, about, needs, kind = {}) {
  return { name, about, needs, isBuilt: true, isTimed: true, ...kind, isDaily: true };
}

function onDemand(name, about, needs) {
  return { name, about, needs, isBuilt: true, isDaily: false };
}
