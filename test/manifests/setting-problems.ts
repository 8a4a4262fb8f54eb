import { agreementProblems } from './agreement-problems.js';
import { type AppConfig, configOf } from './app-settings.js';
import { containersOf, type KubeObject, named, type Workload, workloadsOf } from './kube-object.js';
import { environmentOf } from './pod-environment.js';

/** Whether every container's environment is what its app can start with, and leads where it says. */
export function settingProblems(objects: KubeObject[]): string[] {
  const processes: { title: string; config: AppConfig }[] = [];
  const each = containersOf(objects).flatMap(({ title, workload, container }) => {
    const { env, problems: unresolved } = environmentOf(container, workload, objects);
    const { config, problems } = configOf(container.image ?? '', env);
    const all = [...unresolved, ...problems];
    if (config) {
      processes.push({ title, config });
      const ports = (container.ports ?? []).map(({ containerPort }) => containerPort);
      if (!ports.includes(config.port)) all.push(`listens on ${config.port}, which is not among its ports`);
      if (/^(127\.|localhost$|::1$)/.test(config.host)) all.push(`listens on ${config.host} only`);
      all.push(...addressProblems(config, objects));
    }
    return all.map(problem => `${title}: ${problem}`);
  });
  return [...each, ...agreementProblems(processes)];
}

function addressProblems({ redisUrl, mediaServers = [] }: AppConfig, objects: KubeObject[]): string[] {
  const urls = [...mediaServers, ...(redisUrl ? [redisUrl] : [])];
  const lost = urls.filter(url => !leadsSomewhere(new URL(url), objects));
  const hosts = new Set(mediaServers.map(url => new URL(url).hostname));
  const idle = workloadsOf(objects)
    .map(podNames)
    .filter(names => names.some(name => hosts.has(name)))
    .flat()
    .filter(name => !hosts.has(name));
  return [
    ...lost.map(url => `${url} leads to nothing that is here`),
    ...idle.map(name => `MANYCAST_MEDIA_SERVERS leaves out ${name}`),
  ];
}

/** A name with more than one dot is outside, and not ours to judge. */
function leadsSomewhere({ hostname, port }: URL, objects: KubeObject[]): boolean {
  if (hostname.split('.').length > 2) return true;
  const [name = '', serviceName] = hostname.split('.');
  const service = named(objects, 'Service', serviceName ?? name);
  const hasPort = service?.spec.ports.some((entry: { port: number }) => String(entry.port) === port) ?? false;
  return hasPort && (!serviceName || workloadsOf(objects).some(set => podNames(set).includes(hostname)));
}

/** The names that a StatefulSet's pods have in the name service, without the namespace. */
function podNames({ kind, metadata, spec }: Workload): string[] {
  if (kind !== 'StatefulSet') return [];
  return Array.from({ length: spec.replicas ?? 1 }, (_, i) => `${metadata.name}-${i}.${spec.serviceName}`);
}
