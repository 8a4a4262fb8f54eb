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
      const problems = target ? replicaProblems(target as Workload) : ['there is no such workload'];
      problems.push(...metricProblems(object));
      if (targets.filter(each => each === targetOf(object)).length > 1)
        problems.push('something else scales the same');
      // One alone is none while it is replaced.
      if (!(least >= 2 && least < most)) problems.push(`goes from ${least} to ${most}`);
      return problems.map(problem => `${titleOf(object)}: ${targetOf(object)}: ${problem}`);
    }),
    ...workloadsOf(objects)
      .filter(({ spec }) => spec.replicas === undefined)
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

const replicaProblems = ({ spec }: Workload): string[] =>
  spec.replicas === undefined ? [] : [`its replicas would be set back to ${spec.replicas} by every apply`];
