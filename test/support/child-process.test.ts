import { expect, test } from 'vitest';
import { startProcess } from './child-process.js';

const node = (script: string) => ({ name: 'a script', command: process.execPath, args: ['-e', script] });

test('is ready at its line, and is stopped by SIGTERM', async () => {
  const child = await startProcess({
    ...node(`console.log('serving'); setInterval(() => {}, 1000)`),
    ready: /^serving$/,
  });
  expect(child.isRunning()).toBe(true);
  expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
});

test('a child that dies before it serves fails the start with its last lines', async () => {
  const start = startProcess({ ...node(`console.error('no such port'); process.exit(78)`), ready: /never/ });
  await expect(start).rejects.toThrow(/it ended with code 78[\s\S]*no such port/);
});

test('a child that ignores SIGTERM is killed at the deadline', async () => {
  const child = await startProcess({
    ...node(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')`),
    ready: /up/,
  });
  expect(await child.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a command that does not exist is said in one sentence', async () => {
  const start = startProcess({ name: 'nothing', command: '/nonexistent/command', args: [] });
  await expect(start).rejects.toThrow(/nothing did not start: spawn .* ENOENT/);
});

test('children never see MANYCAST_* names that were not given to them', async () => {
  process.env.MANYCAST_FROM_OUTSIDE = '1';
  const child = await startProcess({
    ...node(
      `console.log('env', Object.keys(process.env).filter(n => n.startsWith('MANYCAST_')).join()); setInterval(() => {}, 1000)`,
    ),
    env: { MANYCAST_PORT: '1', MANYCAST_HOST: undefined },
    ready: /^env MANYCAST_PORT$/,
  }).finally(() => delete process.env.MANYCAST_FROM_OUTSIDE);
  await child.stop();
});
