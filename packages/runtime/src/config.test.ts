import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type ConfigError, describeConfig, environmentName, loadConfig } from './config.js';
import { flag, listOf, secret, urlWith, wholeNumber } from './config-fields.js';

const schema = z.object({
  port: wholeNumber(1, 65_535).default(8080),
  redisUrl: urlWith('redis', 'rediss').describe('where the state is'),
  mediaServers: listOf(urlWith('ws', 'wss')).optional(),
});

describe('loadConfig', () => {
  it('reads names under the prefix and applies defaults', () => {
    const config = loadConfig(schema, {
      MANYCAST_REDIS_URL: 'redis://a:1',
      MANYCAST_MEDIA_SERVERS: 'ws://a/k, ws://b/k,',
    });
    expect(config).toEqual({ port: 8080, redisUrl: 'redis://a:1', mediaServers: ['ws://a/k', 'ws://b/k'] });
  });

  it('names every problem at once, unknown names included', () => {
    const env = { MANYCAST_PORT: '70000', MANYCAST_MEDIA_SERVERS: 'http://a', MANYCAST_PROT: '1' };
    const problems = (() => {
      try {
        loadConfig(schema, env);
      } catch (error) {
        return (error as ConfigError).problems;
      }
      throw new Error('a broken configuration was accepted');
    })();
    expect(problems).toHaveLength(4);
    expect(problems[0]).toContain('MANYCAST_PROT: no such setting');
    expect(problems.join('\n')).toContain('MANYCAST_PORT: must be a whole number from 1 to 65535');
    expect(problems.join('\n')).toContain('MANYCAST_REDIS_URL: is required');
    expect(problems.join('\n')).toContain(
      'MANYCAST_MEDIA_SERVERS: must be a URL that starts with ws:// or wss://',
    );
  });

  it('does not take an empty value for a value, nor junk for a number', () => {
    expect(() => loadConfig(schema, { MANYCAST_REDIS_URL: '' })).toThrow('MANYCAST_REDIS_URL: is required');
    expect(() => loadConfig(schema, { MANYCAST_REDIS_URL: 'redis://a', MANYCAST_PORT: '80x' })).toThrow(
      'MANYCAST_PORT',
    );
  });
});

describe('a secret', () => {
  const withSecret = z.object({
    tokenSecret: secret(z.string().min(4, 'must have 4 characters')),
    port: wholeNumber(1, 9),
  });
  const fileWith = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'manycast-secret-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'secret'), text);
    return join(folder, 'secret');
  };
  const load = (env: Record<string, string>) => loadConfig(withSecret, { MANYCAST_PORT: '1', ...env });

  it('may stand in a file, with a newline at its end', () => {
    expect(load({ MANYCAST_TOKEN_SECRET_FILE: fileWith('hush!\n') }).tokenSecret).toBe('hush!');
  });

  it.each([
    ['of an empty file', () => ({ MANYCAST_TOKEN_SECRET_FILE: fileWith('\n') }), /_FILE: .* is empty/],
    [
      'of no file',
      () => ({ MANYCAST_TOKEN_SECRET_FILE: '/nowhere/x' }),
      /_FILE: .*cannot be read \(ENOENT\)/,
    ],
    [
      'of a file, and given too',
      () => ({ MANYCAST_TOKEN_SECRET_FILE: fileWith('hush'), MANYCAST_TOKEN_SECRET: 'hush' }),
      /one of them/,
    ],
    [
      'too short in its file',
      () => ({ MANYCAST_TOKEN_SECRET_FILE: fileWith('x') }),
      /TOKEN_SECRET: must have 4/,
    ],
    [
      'that is none, from a file',
      () => ({ MANYCAST_TOKEN_SECRET: 'hush', MANYCAST_PORT_FILE: 'x' }),
      /MANYCAST_PORT_FILE: no such/,
    ],
  ])('%s stops the start with one problem', (_, env, problem) => {
    const attempt = () => load(env());
    expect(attempt).toThrow(problem);
    expect(attempt).toThrow('1 problem(s)');
  });
});

it('a flag is true or false, and a mistyped one is an error', () => {
  const one = z.object({ open: flag.default(false) });
  expect(loadConfig(one, { MANYCAST_OPEN: 'true' }).open).toBe(true);
  expect(loadConfig(one, {}).open).toBe(false);
  expect(() => loadConfig(one, { MANYCAST_OPEN: 'yes' })).toThrow('MANYCAST_OPEN: must be true or false');
});

it('environmentName keeps units readable', () => {
  expect(environmentName('drainTimeoutMs')).toBe('MANYCAST_DRAIN_TIMEOUT_MS');
});

it('describeConfig tells required from optional', () => {
  expect(describeConfig(schema).map(field => [field.name, field.isRequired])).toEqual([
    ['MANYCAST_PORT', false],
    ['MANYCAST_REDIS_URL', true],
    ['MANYCAST_MEDIA_SERVERS', false],
  ]);
});
