import { Refusal } from './exit-code.mjs';

/**
 * Runs a command's body; a Refusal becomes its sentence and its exit code, anything else is a fault of ours.
 *
 * @param {() => Promise<number>} body returns the exit code
 * @returns {Promise<number>}
 */
export async function reportRefusal(body) {
  try {
    return await body();
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    return cause.exitCode;
  }
}
