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
  return [...mediaServers, ...(redisUrl ? [redisUrl] : [])]
    .filter(url => !leadsSomewhere(new URL(url), objects))
    .map(url => `${url} leads to nothing that is here`);
}

/** A name with more than one dot is outside, and not ours to judge. */
function leadsSomewhere({ hostname, port }: URL, objects: KubeObject[]): boolean {
  if (hostname.split('.').length > 2) return true;
  const [name = '', serviceName] = hostname.split('.');
  const service = named(objects, 'Service', serviceName ?? name);
  const hasPort = service?.spec.ports.some((entry: { port: number }) => String(entry.port) === port) ?? false;
  return hasPort && (!serviceName || workloadsOf(objects).some(set => isPodOf(set, hostname)));
}

/** The pods of a StatefulSet have names in the name service; here without the namespace. */
const isPodOf = ({ kind, metadata, spec }: Workload, hostname: string): boolean =>
  kind === 'StatefulSet' &&
  Array.from({ length: spec.replicas ?? 1 }, (_, i) => `${metadata.name}-${i}.${spec.serviceName}`).includes(
    hostname,
  );
