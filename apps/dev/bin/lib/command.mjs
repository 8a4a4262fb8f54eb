import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { repository } from './paths.mjs';

/** How much of a quiet command's output is kept for the case that it fails, in characters. */
const keptOutput = 64 * 1024;

/**
 * Runs a command to its end. A signal that ends this process ends the command too, with everything it started.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, shown?: boolean }} [options] shown: its output goes straight to ours
 * @returns {Promise<{ code: number, output: string }>} code 127 when there is no such command
 */
export async function runCommand(file, args, { env = process.env, shown = false } = {}) {
  const child = spawn(file, args, {
    cwd: repository,
    env,
    // A group of its own: npm and turbo start children that would outlive them.
    detached: true,
    stdio: shown ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = chunk => {
    output = (output + chunk).slice(-keptOutput);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);

  const end = endGroupOnSignal(child);
  try {
    const [code, signal] = await once(child, 'close');
    return { code: code ?? 1, output: signal ? `${output}ended by ${signal}\n` : output };
  } catch (cause) {
    return { code: 127, output: String(cause) };
  } finally {
    end();
  }
}

const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** @param {import('node:child_process').ChildProcess} child */
function endGroupOnSignal(child) {
  const handlers = Object.entries(numbers).map(([signal, number]) => {
    const onSignal = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGTERM');
      } catch {
        // Gone already.
      }
      child.once('close', () => process.exit(128 + number));
      setTimeout(() => process.exit(128 + number), 5000).unref();
    };
    process.on(signal, onSignal);
    return () => process.off(signal, onSignal);
  });
  return () => {
    for (const off of handlers) off();
  };
}

/** The last lines of a text, blank ones left out. */
export function lastLines(text, count) {
  return text
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(-count)
    .join('\n');
}
