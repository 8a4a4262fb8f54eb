import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startProcess } from './child-process.js';
import { waitFor } from './wait-for.js';

const here = fileURLToPath(new URL('.', import.meta.url));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('children go with a test process that is killed, except those that had ended', async () => {
  // A process of its own that starts two children through the same module, lets one end, and is then killed.
  const worker = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { createServer } from 'vite';
     const vite = await createServer({ configFile: false, root: ${JSON.stringify(here)}, server: { middlewareMode: true, ws: false }, optimizeDeps: { noDiscovery: true }, logLevel: 'error' });
     const { startProcess } = await vite.ssrLoadModule('/child-process.ts');
     const sleeper = () => startProcess({ name: 'a sleeper', command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] });
     const [kept, ended] = [await sleeper(), await sleeper()];
     await ended.stop();
     process.stdout.write(kept.pid + '\\n');`,
  ]);
  const [line] = (await once(worker.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(isAlive(pid)).toBe(true);
  worker.kill('SIGKILL');
  await waitFor('the orphan to be gone', () => !isAlive(pid));
});

test('a guarded child that ends by itself is nothing to wait for', async () => {
  const child = await startProcess({ name: 'short', command: process.execPath, args: ['-e', ''] });
  expect((await child.exited).code).toBe(0);
});
