import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { anyFreePort } from '../ports.js';
import { askRedis, withoutPassword } from './redis-probe.js';

const startRedis = async (args: string[] = []): Promise<number> => {
  const port = await anyFreePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...args];
  const redis: ChildProcess = spawn('redis-server', flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    redis.kill();
    await once(redis, 'exit');
  });
  let log = '';
  for await (const chunk of redis.stdout ?? []) {
    log += chunk;
    if (log.includes('Ready to accept connections')) break;
  }
  return port;
};

it('a Redis answers', async () => {
  expect(await askRedis(`redis://127.0.0.1:${await startRedis()}`)).toEqual({ kind: 'fit' });
});

it('a Redis with a password answers those who know it', async () => {
  const at = `127.0.0.1:${await startRedis(['--requirepass', 'p@ss w'])}`;
  expect(await askRedis(`redis://:p%40ss%20w@${at}`)).toEqual({ kind: 'fit' });
  expect(await askRedis(`redis://default:p%40ss%20w@${at}/3`)).toEqual({ kind: 'fit' });
  expect(await askRedis(`redis://:wrong@${at}`)).toEqual({
    kind: 'silent',
    reason: expect.stringContaining('WRONGPASS'),
  });
  expect(await askRedis(`redis://${at}`)).toEqual({
    kind: 'silent',
    reason: expect.stringContaining('NOAUTH'),
  });
});

it('something else on that port is told apart', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await askRedis(`redis://127.0.0.1:${port}`)).toEqual({
    kind: 'silent',
    reason: 'what answers there is not Redis',
  });
});

it('passwords are not shown', () => {
  expect(withoutPassword('redis://me:secret@r:6379/')).toBe('redis://me:***@r:6379');
  expect(withoutPassword('redis://r:6379')).toBe('redis://r:6379');
});
