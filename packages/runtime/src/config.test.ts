import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ConfigError, describeConfig, environmentName, loadConfig } from './config.js';
import { listOf, urlWith, wholeNumber } from './config-fields.js';

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
