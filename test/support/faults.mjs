import { SignalError } from '@manycast/protocol';
import { doneTwice } from './done-twice.mjs';

/** After these steps it was a media server that answered; after all others it was Redis. */
const mediaSteps = new Set(['presenter:published', 'viewer:viewed', 'resume:adopted']);

/**
 * A failpoint from the words of a command line. `kill viewer:viewed` ends the process there as `kill -9` does; `fail
 * viewer:viewed` has the first call of that step fail as a lost reply does; `pause viewer:viewed` holds it up there
 * until SIGUSR2, so that another process does it meanwhile; `twice viewer:viewed` has what comes before it done twice.
 * `arm` makes it begin with SIGUSR2, once what a test needs beforehand is there. No words: no faults.
 *
 * @param {string[]} words
 */
export function failpointFrom(words) {
  const isLate = words.includes('arm');
  const [action, chosen] = words.filter(word => word !== 'arm');
  let isArmed = !isLate;
  if (isLate) {
    process.once('SIGUSR2', () => {
      isArmed = true;
      process.stdout.write('armed\n');
    });
  }
  let hasHappened = false;
  const happensNow = () => {
    if (!isArmed || hasHappened) return false;
    hasHappened = true;
    return true;
  };
  if (action === 'twice') {
    doneTwice(chosen, happensNow);
    return async () => {};
  }
  return async step => {
    if (step !== chosen || !happensNow()) return;
    const letGo = new Promise(resolve => process.once('SIGUSR2', resolve));
    process.stdout.write(`reached ${step}\n`);
    if (action === 'pause') return void (await letGo);
    if (action === 'kill') {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    }
    throw new SignalError(mediaSteps.has(step) ? 'media-unavailable' : 'unavailable');
  };
}
