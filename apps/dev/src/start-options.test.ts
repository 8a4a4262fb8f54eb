import { describe, expect, it } from 'vitest';
import { Refusal } from '../bin/lib/exit-code.mjs';
import { type Environment, parseStart, type StartOptions } from '../bin/lib/start-options.mjs';

const parsed = (argv: string[], env: Environment = {}): StartOptions => {
  const order = parseStart(argv, env);
  if (order.kind !== 'start') throw new Error('asked for help');
  return order.options;
};

const refusal = (argv: string[], env: Environment = {}): Refusal => {
  try {
    parseStart(argv, env);
  } catch (cause) {
    if (cause instanceof Refusal) return cause;
    throw cause;
  }
  throw new Error(`${argv.join(' ')} was accepted`);
};

describe('the flags of npm start', () => {
  it('default to two nodes from 8080 up, a controller, two embedded media servers and a Redis of our own', () => {
    expect(parsed([])).toMatchObject({
      nodes: 2,
      controllers: 1,
      basePort: 8080,
      mediaServers: { kind: 'embedded', count: 2 },
      redisUrl: undefined,
      json: false,
    });
  });

  it('take their values after a blank or an equals sign', () => {
    const argv = ['--nodes', '3', '--controllers=0', '--media-servers=1', '--port=9000', '--json'];
    expect(parsed(argv)).toMatchObject({
      nodes: 3,
      controllers: 0,
      basePort: 9000,
      mediaServers: { kind: 'embedded', count: 1 },
      json: true,
    });
  });

  it('replace the embedded media servers by real ones', () => {
    expect(parsed(['--kms', 'ws://a/kurento, wss://b:8433/kurento']).mediaServers).toEqual({
      kind: 'kurento',
      urls: ['ws://a/kurento', 'wss://b:8433/kurento'],
    });
  });

  it('answer --help and -h whatever else is said', () => {
    expect(parseStart(['--nodes', '3', '-h'], {}).kind).toBe('help');
  });

  it.each([
    [['--node', '3'], 'Unknown flag --node.'],
    [['3'], 'Unexpected argument "3".'],
    [['--nodes'], '--nodes needs a value.'],
    [['--nodes', '--json'], '--nodes needs a value.'],
    [['--kms='], '--kms needs a value.'],
    [['--nodes', '0'], '--nodes must be a whole number from 1 to 16, not "0".'],
    [['--nodes', '2.5'], 'not "2.5".'],
    [['--nodes', '1e1'], 'not "1e1".'],
    [['--media-servers', '17'], '--media-servers must be a whole number from 1 to 16'],
    [['--controllers', '17'], '--controllers must be a whole number from 0 to 16'],
    [['--port', '70000'], '--port must be a whole number from 1 to 65535'],
    [['--port', '65535'], '--port 65535 leaves no room for 2 nodes'],
    [['--nodes', '2', '--nodes=3'], '--nodes is given twice.'],
    [['--json=yes'], '--json takes no value.'],
    [['--kms', 'http://a/kurento'], 'not "http://a/kurento".'],
    [['--kms', 'ws://a/kurento,'], 'not "".'],
    [['--kms', 'ws://a/kurento,ws://a/kurento'], '--kms names ws://a/kurento twice.'],
    [['--kms', 'ws://a/kurento', '--media-servers', '1'], '--kms and --media-servers exclude each other'],
  ])('refuse %j', (argv, sentence) => {
    const { message, exitCode } = refusal(argv);
    expect(message).toContain(sentence);
    expect(message).not.toContain('\n');
    expect(exitCode).toBe(64);
  });
});

describe('the environment of npm start', () => {
  it('names the Redis to use; empty means none', () => {
    expect(parsed([], { REDIS_URL: 'redis://r:6379' }).redisUrl).toBe('redis://r:6379');
    expect(parsed([], { REDIS_URL: '' }).redisUrl).toBeUndefined();
    expect(refusal([], { REDIS_URL: 'r:6379' }).message).toContain('REDIS_URL must look like redis://');
  });

  it('hands settings to the apps that know them, unknown ones to the nodes, which refuse them', () => {
    const options = parsed([], {
      PATH: '/bin',
      npm_config_cache: '/x',
      MANYCAST_LOG_LEVEL: 'debug',
      MANYCAST_COLLECTOR_PERIOD_MS: '4000',
      MANYCAST_VIEWER_GRACE_MS: '500',
      MANYCAST_TYPO: '1',
    });
    expect(options.inherited).toEqual({ PATH: '/bin' });
    expect(options.settings).toEqual({
      media: { MANYCAST_LOG_LEVEL: 'debug', MANYCAST_COLLECTOR_PERIOD_MS: '4000' },
      controller: { MANYCAST_LOG_LEVEL: 'debug', MANYCAST_VIEWER_GRACE_MS: '500' },
      node: { MANYCAST_LOG_LEVEL: 'debug', MANYCAST_VIEWER_GRACE_MS: '500', MANYCAST_TYPO: '1' },
    });
  });

  it('may not set what the flags decide', () => {
    expect(refusal([], { MANYCAST_PORT: '9000' }).message).toContain('use --port');
  });
});
