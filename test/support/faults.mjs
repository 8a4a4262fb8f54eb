import { SignalError } from '@manycast/protocol';

/** After these steps it was a media server that answered; after all others it was Redis. */
const mediaSteps = new Set(['presenter:published', 'viewer:viewed', 'resume:adopted']);

/**
 * A failpoint from the words of a command line: `kill viewer:viewed` ends the process there as `kill -9` does, `fail
 * viewer:viewed` has the first call of that step fail as a lost reply does. `arm` makes it begin with SIGUSR2, once
 * what a test needs beforehand is there. No words: no faults.
 *
 * @param {string[]} words
 */
export function failpointFrom(words) {
  const isLate = words.includes('arm');
  const [action, chosen] = words.filter(word => word !== 'arm');
  let isArmed = !isLate;
  if (isLate) {
    process.on('SIGUSR2', () => {
      isArmed = true;
      process.stdout.write('armed\n');
    });
  }
  let hasHappened = false;
  return async step => {
    if (!isArmed || step !== chosen || hasHappened) return;
    hasHappened = true;
    process.stdout.write(`reached ${step}\n`);
    if (action === 'kill') {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    }
    throw new SignalError(mediaSteps.has(step) ? 'media-unavailable' : 'unavailable');
  };
}
