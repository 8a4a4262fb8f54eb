import type { V1Container } from '@kubernetes/client-node';
import { appOf } from './app-settings.js';
import { type KubeObject, ofKind, titleOf, type Workload, workloadsOf } from './kube-object.js';

type Level = 'privileged' | 'baseline' | 'restricted';
const strictness: Level[] = ['privileged', 'baseline', 'restricted'];

/**
 * The strictest Pod Security Standard that would take these pods, with what keeps them from a stricter one:
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
function levelOf({ spec: { template } }: Workload): { level: Level; because: string[] } {
  const { spec } = template;
  const containers: V1Container[] = [...(spec.initContainers ?? []), ...spec.containers];
  const beyondBaseline = [
    ...(spec.hostNetwork || spec.hostPID || spec.hostIPC ? ['is on its machine’s network or processes'] : []),
    ...((spec.volumes ?? []).some(({ hostPath }) => hostPath) ? ['mounts a folder of its machine'] : []),
    ...containers.flatMap(({ securityContext, ports = [] }) => [
      ...(securityContext?.privileged ? ['is privileged'] : []),
      ...((securityContext?.capabilities?.add ?? []).length > 0 ? ['adds capabilities'] : []),
      ...(ports.some(({ hostPort }) => hostPort) ? ['takes a port of its machine'] : []),
    ]),
  ];
  if (beyondBaseline.length > 0) return { level: 'privileged', because: beyondBaseline };
  const pod = spec.securityContext;
  const beyondRestricted = containers.flatMap(({ securityContext: own }) => [
    ...((own?.runAsNonRoot ?? pod?.runAsNonRoot) ? [] : ['may be root']),
    ...((own?.runAsUser ?? pod?.runAsUser) === 0 ? ['is root'] : []),
    ...(own?.allowPrivilegeEscalation === false ? [] : ['may gain privileges']),
    ...(own?.capabilities?.drop?.includes('ALL') ? [] : ['keeps capabilities']),
    ...((own?.seccompProfile ?? pod?.seccompProfile)?.type === 'RuntimeDefault'
      ? []
      : ['has no seccomp profile']),
  ]);
  return beyondRestricted.length > 0
    ? { level: 'baseline', because: beyondRestricted }
    : { level: 'restricted', because: [] };
}

/** Whether the namespace takes every pod, and no pod asks for more than it must. */
export function podSecurityProblems(objects: KubeObject[]): string[] {
  const enforced = ofKind(objects, 'Namespace').map(
    ({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] as Level | undefined,
  )[0];
  const levels = workloadsOf(objects).map(workload => ({ workload, ...levelOf(workload) }));
  return levels.flatMap(({ workload, level, because }) => [
    ...(enforced && strictness.indexOf(level) < strictness.indexOf(enforced)
      ? [
          `${titleOf(workload)}: the namespace takes only ${enforced} pods, and this one ${because.join(', ')}`,
        ]
      : []),
    ...(isOurs(workload) && level !== 'restricted'
      ? [`${titleOf(workload)}: does not fit "restricted": ${because.join(', ')}`]
      : []),
    ...accountProblems(workload, objects),
  ]);
}

/** A media server, also ours, may be on its machine's network. */
const isOurs = ({ spec }: Workload): boolean =>
  spec.template.spec.containers.some(({ image = '' }) =>
    ['signaling', 'controller'].includes(appOf(image) ?? ''),
  );

function accountProblems(workload: Workload, objects: KubeObject[]): string[] {
  const { serviceAccountName: name, automountServiceAccountToken } = workload.spec.template.spec;
  const account = name && ofKind(objects, 'ServiceAccount').find(({ metadata }) => metadata.name === name);
  return [
    ...(automountServiceAccountToken === false
      ? []
      : [`${titleOf(workload)}: is given a token of the Kubernetes API`]),
    ...(name && !account ? [`${titleOf(workload)}: there is no ServiceAccount ${name}`] : []),
    ...(isOurs(workload) && !name ? [`${titleOf(workload)}: has no ServiceAccount of its own`] : []),
  ];
}
