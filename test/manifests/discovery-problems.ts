import type { DnsSource } from '../../apps/controller/src/discovery/dns-source.js';
import { appOf, configOf } from './app-settings.js';
import { containersOf, type KubeObject, named, titleOf, workloadsOf } from './kube-object.js';
import { environmentOf } from './pod-environment.js';

/** Whether controllers find the media servers that are here, and each of these knows what the pool calls it. */
export function discoveryProblems(objects: KubeObject[]): string[] {
  return containersOf(objects)
    .filter(({ container }) => appOf(container.image ?? '') === 'controller')
    .flatMap(({ title, workload, container }) => {
      const { config } = configOf(container.image ?? '', environmentOf(container, workload, objects).env);
      const { mediaServers = [], mediaDns = [] } = config ?? {};
      if (config && mediaServers.length + mediaDns.length === 0)
        return [`${title}: nobody tells it of media servers`];
      return mediaDns.flatMap(source => sourceProblems(source, objects).map(each => `${title}: ${each}`));
    });
}

/**
 * A Service without an address of its own has an SRV record for each of its named ports, which lists its pods by name:
 * https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#srv-records
 */
function sourceProblems({ kind, name }: DnsSource, objects: KubeObject[]): string[] {
  const [, portName, serviceName = '', namespace, domain] =
    /^_([\w-]+)\._tcp\.([\w-]+)\.([\w-]+)\.svc\.([\w.-]+)$/.exec(name) ?? [];
  if (kind !== 'srv' || !domain) return [`${name} is not the name of a Service’s port`];
  const service = named(objects, 'Service', serviceName);
  const port = (service?.spec.ports as { name: string; targetPort: string }[] | undefined)?.find(
    each => each.name === portName,
  );
  if (!service || !port || service.spec.clusterIP !== 'None') return [`${name} lists nobody`];
  if ((service.metadata.namespace ?? 'default') !== namespace) return [`${name} is in another namespace`];
  return [
    ...(service.spec.publishNotReadyAddresses
      ? []
      : [`${titleOf(service)} leaves out pods that are not ready: their rooms would be taken from them`]),
    ...workloadsOf(objects)
      .filter(({ spec }) => spec.serviceName === serviceName)
      .flatMap(workload => {
        const [container] = workload.spec.template.spec.containers;
        if (!container?.lifecycle) return [];
        const number = container.ports?.find(each => each.name === port.targetPort)?.containerPort;
        const expected = `${workload.metadata.name}-0.${serviceName}.${namespace}.svc.${domain}:${number}`;
        const actual = environmentOf(container, workload, objects).env.SERVER_ID;
        return actual === expected
          ? []
          : [`${titleOf(workload)} calls its first pod ${actual}, and DNS calls it ${expected}`];
      }),
  ];
}
