import type { V1LabelSelector } from '@kubernetes/client-node';
import { type KubeObject, named, ofKind, titleOf, type Workload, workloadsOf } from './kube-object.js';

/** Whether what refers to something by name or label finds it: the API server accepts all of these mistakes. */
export function linkProblems(objects: KubeObject[]): string[] {
  return [
    ...workloadsOf(objects).flatMap(workload => ownLabelProblems(workload)),
    ...workloadsOf(objects).flatMap(workload => mountedMapProblems(workload, objects)),
    ...ofKind(objects, 'StatefulSet').flatMap(set => governingServiceProblems(set as Workload, objects)),
    ...ofKind(objects, 'Service').flatMap(service => serviceProblems(service, objects)),
    ...ofKind(objects, 'PodDisruptionBudget').flatMap(budget =>
      selectionProblems(budget, budget.spec.selector?.matchLabels, objects),
    ),
  ];
}

function ownLabelProblems(workload: Workload): string[] {
  const { affinity, topologySpreadConstraints = [] } = workload.spec.template.spec;
  const { requiredDuringSchedulingIgnoredDuringExecution: apart = [] } = affinity?.podAntiAffinity ?? {};
  const selectors: Record<string, V1LabelSelector | undefined> = {
    selector: workload.spec.selector,
    ...Object.fromEntries(apart.map((term, i) => [`podAntiAffinity[${i}]`, term.labelSelector])),
    ...Object.fromEntries(
      topologySpreadConstraints.map((term, i) => [`topologySpread[${i}]`, term.labelSelector]),
    ),
  };
  return Object.entries(selectors)
    .filter(([, selector]) => !matches(selector?.matchLabels, workload))
    .map(([name]) => `${titleOf(workload)}: ${name} does not match its own pods`);
}

/** A pod whose volume is not there waits for it, for ever. */
function mountedMapProblems(workload: Workload, objects: KubeObject[]): string[] {
  return (workload.spec.template.spec.volumes ?? [])
    .flatMap(({ configMap }) => configMap?.name ?? [])
    .filter(name => !named(objects, 'ConfigMap', name))
    .map(name => `${titleOf(workload)}: mounts ConfigMap ${name}, which is not there`);
}

function governingServiceProblems(set: Workload, objects: KubeObject[]): string[] {
  const service = named(objects, 'Service', set.spec.serviceName ?? '');
  if (!service) return [`${titleOf(set)}: there is no Service ${set.spec.serviceName}`];
  return [
    ...(service.spec.clusterIP === 'None'
      ? []
      : [`${titleOf(set)}: ${titleOf(service)} is not headless, so its pods have no names`]),
    ...(matches(service.spec.selector, set)
      ? []
      : [`${titleOf(set)}: ${titleOf(service)} does not select its pods`]),
  ];
}

function serviceProblems(service: KubeObject, objects: KubeObject[]): string[] {
  const problems = selectionProblems(service, service.spec.selector, objects);
  const ports = workloadsOf(objects)
    .filter(workload => matches(service.spec.selector, workload))
    .flatMap(({ spec }) => spec.template.spec.containers.flatMap(container => container.ports ?? []));
  const lost = (service.spec.ports as { port: number; targetPort?: string | number }[])
    .map(({ port, targetPort = port }) => targetPort)
    .filter(target => !ports.some(({ name, containerPort }) => target === name || target === containerPort));
  return [...problems, ...lost.map(target => `${titleOf(service)}: no container has the port ${target}`)];
}

function selectionProblems(
  object: KubeObject,
  labels: Record<string, string> | undefined,
  objects: KubeObject[],
): string[] {
  const selected = workloadsOf(objects).filter(workload => matches(labels, workload));
  return selected.length === 1
    ? []
    : [`${titleOf(object)}: selects the pods of ${selected.length} workloads, not of one`];
}

function matches(labels: Record<string, string> | undefined, workload: Workload): boolean {
  const own = workload.spec.template.metadata?.labels ?? {};
  const wanted = Object.entries(labels ?? {});
  return wanted.length > 0 && wanted.every(([name, value]) => own[name] === value);
}
