import { type KubeObject, named, ofKind, titleOf, type Workload, workloadsOf } from './kube-object.js';

/** Whether what scales finds what it scales, and the rest agrees with it. */
export function autoscalingProblems(objects: KubeObject[]): string[] {
  const scalers = [
    ...ofKind(objects, 'HorizontalPodAutoscaler').map(object => ({
      object,
      least: object.spec.minReplicas,
      most: object.spec.maxReplicas,
    })),
    ...ofKind(objects, 'ScaledObject').map(object => ({
      object,
      least: object.spec.minReplicaCount,
      most: object.spec.maxReplicaCount,
    })),
  ];
  const targets = scalers.map(({ object }) => targetOf(object));
  return [
    ...scalers.flatMap(({ object, least, most }) => {
      const target = named(objects, object.spec.scaleTargetRef.kind, object.spec.scaleTargetRef.name);
      const problems = target ? replicaProblems(target as Workload, least) : ['there is no such workload'];
      problems.push(...metricProblems(object));
      if (targets.filter(each => each === targetOf(object)).length > 1)
        problems.push('something else scales the same');
      // One alone is none while it is replaced.
      if (!(least >= 2 && least < most)) problems.push(`goes from ${least} to ${most}`);
      return problems.map(problem => `${titleOf(object)}: ${targetOf(object)}: ${problem}`);
    }),
    ...workloadsOf(objects)
      .filter(({ kind, spec }) => kind === 'Deployment' && spec.replicas === undefined)
      .filter(workload => !targets.includes(titleOf(workload)))
      .map(workload => `${titleOf(workload)}: nobody says how many there are`),
  ];
}

/** Each metric says of what type it is, and is described under that name; Kubernetes takes others and never scales. */
function metricProblems({ spec }: KubeObject): string[] {
  const metrics: Record<string, unknown>[] = spec.metrics ?? [];
  return metrics
    .filter(metric => {
      const type = String(metric.type);
      return (
        !['Resource', 'Pods', 'Object', 'External', 'ContainerResource'].includes(type) ||
        !metric[lowerFirst(type)]
      );
    })
    .map(({ type }) => `a metric of the type ${type} is not described`);
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const targetOf = ({ spec }: KubeObject): string => `${spec.scaleTargetRef.kind} ${spec.scaleTargetRef.name}`;

/** A StatefulSet's number is what its addresses are counted by; an apply sets it back to the least, no less. */
function replicaProblems({ kind, spec }: Workload, least: number): string[] {
  if (kind === 'Deployment' && spec.replicas !== undefined)
    return [`its replicas would be set back to ${spec.replicas} by every apply`];
  if (kind === 'StatefulSet' && (spec.replicas ?? 1) < least)
    return [`has ${spec.replicas} replicas, fewer than ${least}`];
  return [];
}
