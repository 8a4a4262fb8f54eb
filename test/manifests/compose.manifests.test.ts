import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/built-app.js';
import { childEnvironment } from '../support/environment.js';
import { configOf } from './app-settings.js';
import { type ComposeService, readCompose, requiredVariables } from './compose-file.js';
import { composeProblems } from './compose-problems.js';
import { type HaproxyConfig, haproxyFile, haproxyProgram, readHaproxyConfig } from './haproxy-config.js';

const infra = join(repositoryRoot, 'infra');
const files = readdirSync(infra).filter(name => /^compose.*\.yaml$/.test(name));

it('there is one with Kurento and one without', () => {
  expect(files).toEqual(expect.arrayContaining(['compose.yaml', 'compose.embedded.yaml']));
});

describe.each(files)('infra/%s', file => {
  it('has settings its apps can start with, addresses that lead somewhere, and a proxy that knows the nodes', () => {
    expect(composeProblems(readCompose(file), readHaproxyConfig())).toEqual([]);
  });

  it('has the admin API only with tokens, and for this machine', () => {
    const apiOf = (variables: Record<string, string>) => {
      const { controller } = readCompose(file, { ...requiredVariables, ...variables });
      const { config } = configOf(controller?.image ?? '', controller?.environment ?? {});
      return { tokens: config?.adminTokensFile, host: config?.adminHost, ...controller };
    };
    expect(apiOf({}).tokens).toBeUndefined();
    const { tokens, host, ports, volumes } = apiOf({ ADMIN_TOKENS_FILE: '/home/me/tokens' });
    expect(volumes).toEqual([`/home/me/tokens:${tokens}:ro`]);
    expect(host).toBe('0.0.0.0');
    expect(ports).toEqual(['127.0.0.1:8190:8190']);
  });

  it('has no secret of its own: without one it says what is missing and how to make it', () => {
    expect(() => readCompose(file, {})).toThrow(/TOKEN_SECRET is missing a value: .*openssl rand -hex 32/);
  });

  it('is read by Docker Compose as these tests read it', context => {
    if (spawnSync('docker', ['compose', 'version']).status !== 0)
      context.skip('docker compose is not installed');
    const args = ['compose', '--file', join(infra, file), 'config', '--format', 'json'];
    const env = { ...childEnvironment({}), ...requiredVariables };
    const { services } = JSON.parse(execFileSync('docker', args, { encoding: 'utf8', env }));
    const summary = (all: Record<string, ComposeService>) =>
      Object.fromEntries(
        Object.entries(all).map(([name, { image, environment, hostname, build }]) => [
          name,
          { image, environment: environment ?? {}, hostname, dockerfile: build?.dockerfile },
        ]),
      );
    expect(summary(services)).toEqual(summary(readCompose(file)));
  });
});

describe('a mistake in the compose file is found', () => {
  type Plant = (services: Record<string, ComposeService>, proxy: HaproxyConfig) => void;
  const setting = (service: string, name: string, value: string): Plant => {
    return services => Object.assign(services[service]?.environment ?? {}, { [name]: value });
  };
  const mistakes: Record<string, [Plant, RegExp]> = {
    'a setting that does not exist': [
      setting('signaling-0', 'MANYCAST_REDIS', 'redis://redis:6379'),
      /signaling-0: MANYCAST_REDIS: no such setting/,
    ],
    'a setting for Kurento that it does not read': [
      setting('media-0', 'KMS_EXTERNAL_IP', '192.0.2.1'),
      /media-0: KMS_EXTERNAL_IP: .* has no such setting/,
    ],
    'a media server that is no service': [
      setting('signaling-1', 'MANYCAST_MEDIA_SERVERS', 'ws://media-2:8888/kurento'),
      /signaling-1: ws:\/\/media-2:8888\/kurento leads to no service/,
    ],
    'a Redis on another port': [
      setting('signaling-1', 'MANYCAST_REDIS_URL', 'redis://redis:6380'),
      /signaling-1: redis:\/\/redis:6380 leads to no service/,
    ],
    'a node on a port that the proxy does not know': [
      setting('signaling-1', 'MANYCAST_PORT', '8081'),
      /proxy: serves signaling-0:8080,signaling-1:8080, but the nodes are signaling-0:8080,signaling-1:8081/,
    ],
    'media ports that are not published': [
      setting('media-1', 'KMS_MAX_PORT', '40499'),
      /media-1: 40200-40499 is not published as it is/,
    ],
    'media ports that two servers share': [
      setting('media-1', 'KMS_MIN_PORT', '40150'),
      /media-1: shares ports with media-0/,
    ],
    'a node killed in the middle of a stop': [
      services => Object.assign(services['signaling-0'] ?? {}, { stop_grace_period: undefined }),
      /signaling-0: killed after 10 s, but a stop may take 17000 ms/,
    ],
    'a node that waits for its clients until it is too late': [
      setting('signaling-0', 'MANYCAST_DRAIN_MS', '10000'),
      /signaling-0: waits 10000 ms for its clients, but ends itself after 10000 ms/,
    ],
    'nodes that do not know each other’s tokens': [
      setting('signaling-1', 'MANYCAST_TOKEN_SECRET', 'fedcba9876543210'),
      /signaling-1: its tokenSecret is not that of signaling-0/,
    ],
    'a token secret that is soon guessed': [
      setting('signaling-0', 'MANYCAST_TOKEN_SECRET', '0123456789abcde'),
      /signaling-0: MANYCAST_TOKEN_SECRET: must have at least 16 characters/,
    ],
    'a controller that ends sessions earlier than the nodes': [
      setting('controller', 'MANYCAST_VIEWER_GRACE_MS', '1000'),
      /controller: its viewerGraceMs is not that of signaling-0/,
    ],
    'a controller that does not look after every media server': [
      setting('controller', 'MANYCAST_MEDIA_SERVERS', 'ws://media-0:8888/kurento'),
      /controller: its mediaServers is not that of signaling-0/,
    ],
    'a secret for who has no use for it': [
      setting('controller', 'MANYCAST_TOKEN_SECRET', '0123456789abcdef'),
      /controller: MANYCAST_TOKEN_SECRET: no such setting/,
    ],
    'an image built from another’s file': [
      services => Object.assign(services['signaling-0']?.build ?? {}, { dockerfile: 'Dockerfile' }),
      /signaling-0: \S+ is not built from infra\/signaling\.Dockerfile/,
    ],
    'a node that nobody scrapes': [
      setting('signaling-1', 'MANYCAST_PORT', '8081'),
      /prometheus: does not scrape signaling-1:8081[\s\S]*prometheus: signaling-1:8080 is nobody/,
    ],
    'a file that is mounted and not there': [
      services => services.prometheus?.volumes?.push('./prometheus/alerts.yaml:/etc/alerts.yaml:ro'),
      /prometheus: mounts \.\/prometheus\/alerts\.yaml, which is not there/,
    ],
    'a node that the proxy leaves out': [
      (_services, proxy) => proxy.servers.pop(),
      /proxy: serves signaling-0:8080, but/,
    ],
    'a proxy that cuts quiet WebSockets': [
      (_services, proxy) => Object.assign(proxy, { tunnelSeconds: 15 }),
      /proxy: cuts WebSockets that are silent for 15 s/,
    ],
  };

  it.each(Object.entries(mistakes))('%s', (_name, [plant, expected]) => {
    const [services, proxy] = [readCompose('compose.yaml'), readHaproxyConfig()];
    plant(services, proxy);
    expect(composeProblems(services, proxy).join('\n')).toMatch(expected);
  });
});

describe('infra/haproxy.cfg', () => {
  it('sends clients only to nodes that are ready', () => {
    expect(readHaproxyConfig().checkedPath).toBe('/readyz');
  });

  it('is accepted by HAProxy', context => {
    if (spawnSync(haproxyProgram, ['-v']).error) context.skip('haproxy is not installed');
    const { status, stderr } = spawnSync(haproxyProgram, ['-c', '-f', haproxyFile], { encoding: 'utf8' });
    expect(stderr).not.toMatch(/\[ALERT\]/);
    expect(status).toBe(0);
  });
});
