import type { V1Container } from '@kubernetes/client-node';
import { appOf, configOf } from './app-settings.js';
import { containersOf, type KubeObject, type Workload } from './kube-object.js';
import { environmentOf } from './pod-environment.js';
import { stopProblems } from './stop-problems.js';

/** What this house asks of every pod, though Kubernetes would run it without. */
export function houseRuleProblems(objects: KubeObject[]): string[] {
  return containersOf(objects).flatMap(({ title, workload, container }) =>
    [
      ...endProblems(container, workload, objects),
      ...resourceProblems(container),
      ...probeProblems(container),
      ...rightsProblems(container, workload),
    ].map(problem => `${title}: ${problem}`),
  );
}

function endProblems(container: V1Container, workload: Workload, objects: KubeObject[]): string[] {
  const { config } = configOf(container.image ?? '', environmentOf(container, workload, objects).env);
  if (!config) return [];
  const { terminationGracePeriodSeconds: graceSeconds = 30 } = workload.spec.template.spec;
  const preStop = container.lifecycle?.preStop?.exec?.command;
  if (!preStop) return stopProblems(config, graceSeconds, 0);
  // Our images have no shell and no `sleep`: what there is to wait with is Node.
  const [program, option, script = ''] = preStop;
  const pauseMs = Number(script.match(/^setTimeout\(\(\) => \{\}, (\d+)\)$/)?.[1]);
  if (program !== 'node' || option !== '-e' || Number.isNaN(pauseMs))
    return [`preStop runs ${preStop.join(' ')}, whose length nobody knows`];
  return stopProblems(config, graceSeconds, pauseMs);
}

function resourceProblems({ resources }: V1Container): string[] {
  const wanted = { 'requests.cpu': resources?.requests?.cpu, 'requests.memory': resources?.requests?.memory };
  return Object.entries({ ...wanted, 'limits.memory': resources?.limits?.memory })
    .filter(([, value]) => value === undefined)
    .map(([name]) => `has no ${name}`);
}

function probeProblems({ image = '', ports = [], ...container }: V1Container): string[] {
  const { startupProbe, livenessProbe, readinessProbe } = container;
  const probes = Object.entries({ startupProbe, livenessProbe, readinessProbe });
  const missing = appOf(image) ? probes.filter(([, probe]) => !probe) : [];
  const astray = probes.filter(([, probe]) => {
    const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
    return (
      port !== undefined && !ports.some(({ name, containerPort }) => port === name || port === containerPort)
    );
  });
  return [
    ...missing.map(([name]) => `has no ${name}`),
    ...astray.map(([name]) => `${name} asks a port that the container does not have`),
    ...(readinessProbe ? [] : ['has no readinessProbe']),
  ];
}

/** Kurento's image must start as root; ours run under the restricted Pod Security Standard, but for the host network. */
function rightsProblems({ image = '', securityContext }: V1Container, workload: Workload): string[] {
  const pod = workload.spec.template.spec.securityContext;
  const always = {
    'capabilities not dropped': securityContext?.capabilities?.drop?.includes('ALL'),
    'may gain privileges': securityContext?.allowPrivilegeEscalation === false,
    'has no seccomp profile': pod?.seccompProfile?.type === 'RuntimeDefault',
  };
  const ours = {
    'may be root': pod?.runAsNonRoot === true && (pod.runAsUser ?? 0) > 0,
    'may write to its image': securityContext?.readOnlyRootFilesystem === true,
  };
  return Object.entries(appOf(image) ? { ...always, ...ours } : always)
    .filter(([, isGood]) => !isGood)
    .map(([problem]) => problem);
}
