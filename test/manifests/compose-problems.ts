import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { prometheusFolder } from '../monitoring/monitoring-files.js';
import { repositoryRoot } from '../support/built-app.js';
import { agreementProblems } from './agreement-problems.js';
import { type AppConfig, appOf, configOf } from './app-settings.js';
import type { ComposeService } from './compose-file.js';
import type { HaproxyConfig } from './haproxy-config.js';
import { stopProblems } from './stop-problems.js';

type Services = Record<string, ComposeService>;

/** Everything about a compose file and its proxy that would only show once it runs. */
export function composeProblems(services: Services, proxy: HaproxyConfig): string[] {
  const each = Object.entries(services).flatMap(([name, service]) => {
    const { config, problems } = configOf(service.image, service.environment ?? {});
    return [
      ...problems,
      ...buildProblems(service),
      ...(config
        ? [...addressProblems(config, services), ...stopProblems(config, graceSeconds(service))]
        : []),
    ].map(problem => `${name}: ${problem}`);
  });
  const processes = Object.entries(services).flatMap(([title, { image, environment = {} }]) => {
    const { config } = configOf(image, environment);
    return config ? [{ title, config }] : [];
  });
  return [
    ...each,
    ...agreementProblems(processes),
    ...mediaPortProblems(services),
    ...proxyProblems(services, proxy),
    ...mountProblems(services),
    ...scrapeProblems(services),
  ];
}

function buildProblems({ image, build }: ComposeService): string[] {
  const app = appOf(image);
  if (!app) return [];
  const dockerfile = `infra/${app}.Dockerfile`;
  return build?.dockerfile === dockerfile ? [] : [`${image} is not built from ${dockerfile}`];
}

function addressProblems({ redisUrl, mediaServers = [] }: AppConfig, services: Services): string[] {
  const urls = [...mediaServers, ...(redisUrl ? [redisUrl] : [])].map(url => new URL(url));
  return urls
    .filter(({ hostname, port }) => listenPort(services[hostname]) !== Number(port))
    .map(url => `${url} leads to no service`);
}

/** Where a service is reached by the others; the foreign images' ports are their defaults. */
function listenPort(service: ComposeService | undefined): number | undefined {
  if (!service) return undefined;
  const { config } = configOf(service.image, service.environment ?? {});
  if (config) return config.port;
  return service.image.includes('kurento') ? 8888 : service.image.includes('redis') ? 6379 : undefined;
}

/** Docker's default is 10 s. */
function graceSeconds({ stop_grace_period: text }: ComposeService): number {
  return Number(text?.match(/^(\d+)s$/)?.[1] ?? 10);
}

/** Kurento names its own ports in candidates: each range is published as it is, and no two servers share one. */
function mediaPortProblems(services: Services): string[] {
  const taken = new Map<string, string>();
  return Object.entries(services).flatMap(([name, { environment = {}, ports = [] }]) => {
    const { KMS_MIN_PORT: min, KMS_MAX_PORT: max } = environment;
    if (!min || !max) return [];
    const range = `${min}-${max}`;
    const other = [...taken].find(([each]) => overlap(each, range))?.[1];
    taken.set(range, name);
    return [
      ...(ports.includes(`${range}:${range}/udp`) ? [] : [`${name}: ${range} is not published as it is`]),
      ...(other ? [`${name}: shares ports with ${other}`] : []),
    ];
  });
}

function overlap(one: string, other: string): boolean {
  const [[oneMin = 0, oneMax = 0], [min = 0, max = 0]] = [one, other].map(range =>
    range.split('-').map(Number),
  ) as [number[], number[]];
  return oneMin <= max && min <= oneMax;
}

function proxyProblems(services: Services, { servers, tunnelSeconds }: HaproxyConfig): string[] {
  const nodes = Object.entries(services).filter(([, { image }]) => appOf(image) === 'signaling');
  const configs = nodes.map(([, { image, environment }]) => configOf(image, environment ?? {}).config);
  const expected = nodes.map(([name], i) => `${name}:${configs[i]?.port}`).sort();
  const actual = servers.map(({ host, port }) => `${host}:${port}`).sort();
  const slowestPingMs = Math.max(...configs.map(config => config?.heartbeatMs ?? 0));
  return [
    ...(String(actual) === String(expected)
      ? []
      : [`proxy: serves ${actual}, but the nodes are ${expected}`]),
    ...(tunnelSeconds * 1_000 > 2 * slowestPingMs
      ? []
      : [
          `proxy: cuts WebSockets that are silent for ${tunnelSeconds} s; nodes ping every ${slowestPingMs} ms`,
        ]),
  ];
}

/** A bind mount of what is not there becomes an empty folder, without a word. */
function mountProblems(services: Services): string[] {
  return Object.entries(services).flatMap(([name, { volumes = [] }]) =>
    volumes
      .map(volume => volume.split(':')[0] ?? '')
      .filter(source => source.startsWith('.') && !existsSync(join(repositoryRoot, 'infra', source)))
      .map(source => `${name}: mounts ${source}, which is not there`),
  );
}

/** Every node and controller is scraped, where there is a Prometheus. */
function scrapeProblems(services: Services): string[] {
  if (!services.prometheus) return [];
  const { scrape_configs: jobs } = parse(readFileSync(join(prometheusFolder, 'prometheus.yaml'), 'utf8'));
  const scraped = (jobs as { static_configs: { targets: string[] }[] }[]).flatMap(
    ({ static_configs: groups }) => groups.flatMap(({ targets }) => targets),
  );
  const wanted = Object.entries(services)
    .filter(([, { image }]) => ['signaling', 'controller'].includes(appOf(image) ?? ''))
    .map(([name, service]) => `${name}:${listenPort(service)}`);
  return [
    ...wanted
      .filter(target => !scraped.includes(target))
      .map(target => `prometheus: does not scrape ${target}`),
    ...scraped.filter(target => !wanted.includes(target)).map(target => `prometheus: ${target} is nobody`),
  ];
}
