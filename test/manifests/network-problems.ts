import { type KubeObject, named, ofKind, titleOf, type Workload, workloadsOf } from './kube-object.js';

type Labels = Record<string, string>;
interface Peer {
  ipBlock?: { cidr: string };
  podSelector?: { matchLabels?: Labels };
  namespaceSelector?: { matchLabels?: Labels };
}
interface Rule {
  from?: Peer[];
  ports?: { port: number | string; endPort?: number; protocol?: string }[];
}

/** Who must reach whom for the cluster to work; null: from outside of it. */
const links: { from: string | null; to: string; port: string }[] = [
  { from: null, to: 'manycast-signaling', port: 'http' },
  { from: 'manycast-signaling', to: 'manycast-media', port: 'control' },
  { from: 'manycast-controller', to: 'manycast-media', port: 'control' },
  { from: 'manycast-media', to: 'manycast-controller', port: 'admin' },
  { from: 'manycast-signaling', to: 'redis', port: 'redis' },
  { from: 'manycast-controller', to: 'redis', port: 'redis' },
];
/** What nobody but those above may reach. */
const guarded = [
  { to: 'manycast-media', port: 'control' },
  { to: 'manycast-controller', port: 'admin' },
  { to: 'redis', port: 'redis' },
];

/** Whether the network policies let through what must pass and nothing that must not, and every Ingress leads somewhere. */
export function networkProblems(objects: KubeObject[]): string[] {
  const policies = ofKind(objects, 'NetworkPolicy');
  const workloads = workloadsOf(objects);
  const of = (name: string) => workloads.find(({ metadata }) => metadata.name === name);
  return [
    ...workloads
      .filter(workload => !isOnHostNetwork(workload) && policiesOf(policies, workload).length === 0)
      .map(workload => `${titleOf(workload)}: no NetworkPolicy says who may reach it`),
    ...policies.flatMap(policy => policyProblems(policy, workloads)),
    ...links.flatMap(({ from, to, port }) => {
      const [source, target] = [from === null ? null : of(from), of(to)];
      if (!target || source === undefined || isOnHostNetwork(target)) return [];
      return isLetIn(policies, source, target, port)
        ? []
        : [`${titleOf(target)}: ${from ?? 'clients'} cannot reach its port ${port}`];
    }),
    ...guarded.flatMap(({ to, port }) => {
      const target = of(to);
      if (!target || isOnHostNetwork(target)) return [];
      return isLetIn(policies, null, target, port)
        ? [`${titleOf(target)}: everybody can reach its port ${port}`]
        : [];
    }),
    ...ofKind(objects, 'Ingress').flatMap(ingress => ingressProblems(ingress, objects)),
  ];
}

const isOnHostNetwork = ({ spec }: Workload): boolean => spec.template.spec.hostNetwork === true;

const isMatch = (labels: Labels | undefined, { spec }: Workload): boolean =>
  Object.entries(labels ?? {}).every(([name, value]) => spec.template.metadata?.labels?.[name] === value);

const policiesOf = (policies: KubeObject[], workload: Workload): KubeObject[] =>
  policies.filter(({ spec }) => isMatch(spec.podSelector.matchLabels, workload));

function isLetIn(policies: KubeObject[], source: Workload | null, target: Workload, port: string): boolean {
  return policiesOf(policies, target).some(({ spec }) =>
    ((spec.ingress ?? []) as Rule[]).some(({ from, ports }) => {
      const isPort = !ports || ports.some(each => each.port === port);
      const isPeer =
        !from ||
        (source !== null &&
          // A pod on its machine's network comes from an address, which no pod selector matches.
          from.some(({ ipBlock, namespaceSelector, podSelector }) =>
            isOnHostNetwork(source)
              ? ipBlock
              : podSelector && !namespaceSelector && isMatch(podSelector.matchLabels, source),
          ));
      return isPort && isPeer;
    }),
  );
}

function policyProblems(policy: KubeObject, workloads: Workload[]): string[] {
  const selected = workloads.filter(workload => isMatch(policy.spec.podSelector.matchLabels, workload));
  const ports = selected.flatMap(({ spec }) =>
    spec.template.spec.containers.flatMap(({ ports = [] }) => ports),
  );
  const astray = ((policy.spec.ingress ?? []) as Rule[])
    .flatMap(({ ports = [] }) => ports)
    .filter(({ port }) => typeof port === 'string' && !ports.some(({ name }) => name === port));
  return [
    ...(selected.length === 1 ? [] : [`${titleOf(policy)}: is about ${selected.length} workloads, not one`]),
    ...astray.map(({ port }) => `${titleOf(policy)}: no container has the port ${port}`),
  ];
}

/** Nodes ping each client every 10 s: a connection that is silent for longer than twice that is dead. */
const leastIdleSeconds = 20;

function ingressProblems(ingress: KubeObject, objects: KubeObject[]): string[] {
  const annotations = ingress.metadata.annotations ?? {};
  const idle = ['read', 'send'].filter(
    way => !(Number(annotations[`nginx.ingress.kubernetes.io/proxy-${way}-timeout`]) > leastIdleSeconds),
  );
  const sticky = Object.keys(annotations).filter(name => /affinity|session-cookie/.test(name));
  const rules: { host?: string; http: { paths: IngressPath[] } }[] = ingress.spec.rules;
  const paths = rules.flatMap(({ http }) => http.paths);
  const shown = paths.filter(({ path, pathType }) => pathType === 'Prefix' && path === '/');
  const secured = new Set((ingress.spec.tls ?? []).flatMap(({ hosts = [] }: { hosts?: string[] }) => hosts));
  return [
    ...idle.map(way => `cuts WebSockets that are silent: proxy-${way}-timeout`),
    ...sticky.map(name => `${name}: any node serves any client`),
    ...shown.map(() => 'shows everybody the metrics'),
    ...rules.filter(({ host }) => !host || !secured.has(host)).map(({ host }) => `${host} has no TLS`),
    ...paths.flatMap(({ backend: { service } }) => {
      const found = named(objects, 'Service', service.name);
      const has = found?.spec.ports.some(({ name }: { name: string }) => name === service.port.name);
      return has ? [] : [`there is no Service ${service.name} with the port ${service.port.name}`];
    }),
  ].map(problem => `${titleOf(ingress)}: ${problem}`);
}

interface IngressPath {
  path: string;
  pathType: string;
  backend: { service: { name: string; port: { name: string } } };
}
