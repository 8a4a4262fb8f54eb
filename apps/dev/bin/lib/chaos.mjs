import { exitCode, Refusal } from './exit-code.mjs';
import { suite } from './suite.mjs';

const numbers = {
  '--seed': 'SEED',
  '--seconds': 'SECONDS',
  '--nodes': 'NODES',
  '--media-servers': 'MEDIA_SERVERS',
};

/**
 * Random operations and faults from one seed, then the rules: the flags go to the suite through its environment.
 *
 * @param {string[]} argv
 * @returns {Promise<number>} the exit code
 */
export async function chaos(argv) {
  const rest = [...argv];
  for (let flag = rest.shift(); flag !== undefined; flag = rest.shift()) {
    if (flag === '--without-fence') {
      process.env.CHAOS_WITHOUT_FENCE = '1';
      continue;
    }
    if (flag === '--faults') {
      const which = rest.shift();
      if (which !== 'all' && which !== 'nodes')
        throw usage('--faults is all, or nodes (media servers stay well).');
      if (which === 'nodes') process.env.CHAOS_NODES_ONLY = '1';
      continue;
    }
    const name = numbers[flag];
    if (!name) throw usage(`Unknown flag ${flag}.`);
    const value = rest.shift();
    if (!/^[1-9]\d{0,8}$/.test(value ?? '')) throw usage(`${flag} needs a whole number above 0.`);
    process.env[`CHAOS_${name}`] = value;
  }
  return suite(['chaos', '--disableConsoleIntercept']);
}

/** @param {string} problem */
const usage = problem =>
  new Refusal(
    exitCode.usage,
    `${problem} npm run chaos -- [--seed N] [--seconds N] [--nodes N] [--media-servers N] [--faults all|nodes] [--without-fence]`,
  );
