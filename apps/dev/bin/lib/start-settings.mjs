import { exitCode, Refusal } from './exit-code.mjs';

/** Set by the flags, so a value from outside would be either ignored or wrong. */
const chosenHere = {
  MANYCAST_PORT: '--port',
  MANYCAST_HOST: 'nothing (a cluster for development listens on 127.0.0.1)',
  MANYCAST_NODE_ID: '--nodes',
  MANYCAST_PUBLIC_URL: '--port',
  MANYCAST_REDIS_URL: 'REDIS_URL',
  MANYCAST_MEDIA_SERVERS: '--kms',
  MANYCAST_ADMIN_HOST: 'nothing (a cluster for development listens on 127.0.0.1)',
  MANYCAST_ADMIN_PORT: 'nothing (each controller takes the next free one from 8190)',
  MANYCAST_ADMIN_OPEN: 'MANYCAST_ADMIN_TOKENS_FILE, without which the admin API is open to this machine',
};

/**
 * Who reads what; every other name is for the nodes, which refuse what they do not know. The apps' schemas cannot be
 * asked before the build; test/house/start-settings.test.ts holds this to them.
 */
const readers = [
  { pattern: /^MANYCAST_LOG_LEVEL$/, roles: ['node', 'controller', 'media'] },
  { pattern: /^MANYCAST_(COLLECTOR_PERIOD_MS|MAX_UNSENT_BYTES|UDP_.+|MEDIA)$/, roles: ['media'] },
  {
    pattern:
      /^MANYCAST_((RECONCILE|ORPHAN|SETTLE|REBUILD|WEBHOOKS_SWEEP)_MS|RELOCATIONS|DNS_SERVERS|MEDIA_(DNS|DNS_MS|LEAVE_MS)|REGISTRAR_PORT|ADMIN_PAGES_DIR|(ADMIN_TOKENS|WEBHOOKS)_FILE)$/,
    roles: ['controller'],
  },
  {
    pattern:
      /^MANYCAST_(REDIS_PREFIX|MEDIA_LINKS|MEDIA_SERVER_CAPACITY|(REDIS_TIMEOUT|MEDIA_(TIMEOUT|SILENCE|BEAT)|PRESENTER_GRACE|VIEWER_GRACE|STOP_DEADLINE)_MS)$/,
    roles: ['node', 'controller'],
  },
];

/**
 * The caller's environment, taken apart: what each kind of child gets.
 *
 * @param {import('./start-options.mjs').Environment} env
 */
export function startSettings(env) {
  const inherited = {};
  const settings = { node: {}, controller: {}, media: {} };
  for (const [name, value] of Object.entries(env)) {
    if (name in chosenHere) {
      throw new Refusal(
        exitCode.usage,
        `${name} is set, but npm start chooses it itself; unset it and use ${chosenHere[name]}. (npm start -- --help)`,
      );
    }
    if (name.startsWith('MANYCAST_')) {
      for (const role of rolesOf(name)) settings[role][name] = value;
    } else if (!/^npm_|^REDIS_URL$/i.test(name)) {
      inherited[name] = value;
    }
  }
  return { inherited, settings };
}

/** @param {string} name */
function rolesOf(name) {
  return readers.find(({ pattern }) => pattern.test(name))?.roles ?? ['node'];
}
