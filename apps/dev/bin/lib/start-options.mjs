import { exitCode, Refusal } from './exit-code.mjs';
import { startSettings } from './start-settings.mjs';

export { startHelp } from './start-help.mjs';

const limits = { nodes: 16, controllers: 16, 'media-servers': 16, port: 65_535 };
const flagNames = ['--nodes', '--controllers', '--media-servers', '--kms', '--port', '--json', '--help'];

/**
 * @param {string[]} argv
 * @param {import('./start-options.mjs').Environment} env
 * @returns {import('./start-options.mjs').StartOrder}
 */
export function parseStart(argv, env) {
  const flags = readFlags(argv);
  if (flags.has('--help')) return { kind: 'help' };

  const nodes = integer(flags, '--nodes', 1, limits.nodes) ?? 2;
  const basePort = integer(flags, '--port', 1, limits.port) ?? 8080;
  if (basePort + nodes - 1 > limits.port) {
    throw usage(`--port ${basePort} leaves no room for ${nodes} nodes: the last port would be above 65535.`);
  }
  return {
    kind: 'start',
    options: {
      nodes,
      controllers: integer(flags, '--controllers', 0, limits.controllers) ?? 1,
      basePort,
      mediaServers: mediaServers(flags),
      redisUrl: redisUrl(env.REDIS_URL),
      json: flags.has('--json'),
      ...startSettings(env),
    },
  };
}

/** @param {string[]} argv */
function readFlags(argv) {
  const flags = new Map();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) {
      throw usage(`Unexpected argument "${word}". Flags come after a double dash: npm start -- --nodes 3`);
    }
    const equals = word.indexOf('=');
    const name = word === '-h' ? '--help' : equals < 0 ? word : word.slice(0, equals);
    if (!flagNames.includes(name)) {
      throw usage(`Unknown flag ${name}. There are ${flagNames.join(', ')}.`);
    }
    if (flags.has(name)) throw usage(`${name} is given twice.`);
    const isSwitch = name === '--json' || name === '--help';
    if (isSwitch && equals >= 0) throw usage(`${name} takes no value.`);
    const value = isSwitch ? '' : equals >= 0 ? word.slice(equals + 1) : rest.shift();
    if (value === undefined || (!isSwitch && (value === '' || value.startsWith('--')))) {
      throw usage(`${name} needs a value.`);
    }
    flags.set(name, value);
  }
  return flags;
}

function integer(flags, name, least, most) {
  const text = flags.get(name);
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw usage(`${name} must be a whole number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

/** @returns {import('./start-options.mjs').MediaServers} */
function mediaServers(flags) {
  const count = integer(flags, '--media-servers', 1, limits['media-servers']);
  const kms = flags.get('--kms');
  if (kms === undefined) return { kind: 'embedded', count: count ?? 2 };
  if (count !== undefined) {
    throw usage('--kms and --media-servers exclude each other: with --kms no embedded media server runs.');
  }
  const urls = kms.split(',').map(url => url.trim());
  for (const url of urls) {
    if (!hasScheme(url, ['ws:', 'wss:'])) {
      throw usage(`--kms takes WebSocket addresses such as ws://10.0.0.5:8888/kurento, not "${url}".`);
    }
  }
  const repeated = urls.find((url, index) => urls.indexOf(url) !== index);
  if (repeated) throw usage(`--kms names ${repeated} twice.`);
  return { kind: 'kurento', urls };
}

function redisUrl(text) {
  if (text === undefined || text === '') return undefined;
  if (!hasScheme(text, ['redis:', 'rediss:'])) {
    throw usage('REDIS_URL must look like redis://host:6379 or rediss://user:password@host:6379.');
  }
  return text;
}

function hasScheme(text, schemes) {
  try {
    const url = new URL(text);
    return schemes.includes(url.protocol) && url.hostname !== '';
  } catch {
    return false;
  }
}

function usage(sentence) {
  return new Refusal(exitCode.usage, `${sentence} (npm start -- --help)`);
}
