import { describe, expect, it } from 'vitest';
import { components, kustomizations, renderKustomization, renderWithComponent } from './kustomization.js';
import { manifestProblems } from './manifest-problems.js';
import { plant } from './planted-mistake.js';

it('there is a base and a development overlay', () => {
  expect(kustomizations).toEqual(expect.arrayContaining(['base', 'overlays/dev', 'overlays/prod']));
});

describe.each(kustomizations)('k8s/%s', name => {
  it('has only known fields of the right types, settings its apps can start with, and no loose end', async () => {
    expect(manifestProblems(await renderKustomization(name))).toEqual([]);
  });
});

describe.each(components)('the base with k8s/%s', name => {
  it('is sound', async () => {
    expect(manifestProblems(await renderWithComponent(name))).toEqual([]);
  });
});

it('the base contains no secret', async () => {
  const objects = await renderKustomization('base');
  expect(objects.map(({ kind }) => kind)).not.toContain('Secret');
});

const node = 'Deployment manycast-signaling';
const controller = 'Deployment manycast-controller';
const media = 'StatefulSet manycast-media';
const settings = 'ConfigMap manycast-cluster';
const nodeSettings = 'ConfigMap manycast-signaling';
const container = 'spec.template.spec.containers.0';

/** What is changed, to what (undefined: removed), and the sentence that must come of it. */
type Mistake = [object: string, path: string, value: unknown, expected: RegExp];

const mistakes: Record<string, Mistake> = {
  // Against the API.
  'a number as text': [node, 'spec.replicas', '2', /spec\/replicas must be integer/],
  'a required field left out': [node, 'spec.selector', undefined, /must have required property selector/],
  'a quantity with a wrong unit': [
    node,
    `${container}.resources.limits.memory`,
    '512MB',
    /limits\/memory must/,
  ],
  'a field with a typing error': [
    node,
    `${container}.livenesProbe`,
    {},
    /containers\[0\]\.livenesProbe is not a field/,
  ],
  'a field one level too deep': [
    node,
    `${container}.terminationGracePeriodSeconds`,
    30,
    /containers\[0\]\.terminationGracePeriodSeconds is not a field/,
  ],
  'an unknown field in a Service': [
    'Service manycast-media',
    'spec.clusterIp',
    'None',
    /clusterIp is not a field/,
  ],
  'a kind that its API does not have': [node, 'apiVersion', 'policy/v1', /policy\/v1 has no Deployment/],

  // Against the apps' configuration.
  'a setting that does not exist': [
    settings,
    'data.MANYCAST_MEDIA_SERVER',
    'ws://a:8888/kurento',
    /signaling: MANYCAST_MEDIA_SERVER: no such setting/,
  ],
  'a setting with a unit': [
    settings,
    'data.MANYCAST_STOP_DEADLINE_MS',
    '20s',
    /STOP_DEADLINE_MS: must be a whole/,
  ],
  'a required setting left out': [
    node,
    `${container}.env.0`,
    { name: 'MANYCAST_REDIS_URL', value: '' },
    /signaling: MANYCAST_REDIS_URL: is required/,
  ],
  'our setting for Kurento': [
    media,
    `${container}.env`,
    [{ name: 'MANYCAST_PORT', value: '8888' }],
    /MANYCAST_PORT: kurento\/\S+ has no such setting/,
  ],
  'a setting that Kurento’s image does not read': [
    media,
    `${container}.env`,
    [{ name: 'KMS_MINPORT', value: '40000' }],
    /KMS_MINPORT: kurento\/\S+ has no such setting/,
  ],
  'a secret under another key': [
    node,
    `${container}.env.0.valueFrom.secretKeyRef.key`,
    'uri',
    /MANYCAST_REDIS_URL: .*"uri".* gives no value/,
  ],
  'nodes without a token secret': [
    node,
    `${container}.env.1`,
    { name: 'MANYCAST_TOKEN_SECRET', value: '' },
    /signaling: MANYCAST_TOKEN_SECRET: is required/,
  ],
  'a setting that only nodes know': [
    settings,
    'data.MANYCAST_DRAIN_MS',
    '7000',
    /controller: MANYCAST_DRAIN_MS: no such setting/,
  ],
  'a secret that nobody brings': [
    node,
    `${container}.env.0.valueFrom.secretKeyRef.name`,
    'redis',
    /there is no Secret redis/,
  ],
  'a config map that is not there': [
    node,
    `${container}.envFrom.0.configMapRef.name`,
    'manycast-signalling',
    /there is no ConfigMap manycast-signalling/,
  ],
  'variables for every Service of the namespace': [
    node,
    'spec.template.spec.enableServiceLinks',
    undefined,
    /MANYCAST_SIGNALING_PORT: no such setting/,
  ],

  // Against each other.
  'a port that nobody publishes': [
    nodeSettings,
    'data.MANYCAST_PORT',
    '9090',
    /listens on 9090, which is not among/,
  ],
  'an address that nobody reaches': [
    settings,
    'data.MANYCAST_HOST',
    '127.0.0.1',
    /listens on 127\.0\.0\.1 only/,
  ],
  'a controller that ends sessions earlier than the nodes': [
    controller,
    `${container}.env.3`,
    { name: 'MANYCAST_VIEWER_GRACE_MS', value: '1000' },
    /manycast-signaling, signaling: its viewerGraceMs is not that of Deployment manycast-controller, controller/,
  ],
  'controllers that know of no media server': [
    controller,
    `${container}.env.2`,
    { name: 'UNUSED', value: '' },
    /controller: nobody tells it of media servers/,
  ],
  'media servers by the name of another port': [
    'Service manycast-media',
    'spec.ports.0.name',
    'rpc',
    /_control\._tcp\.manycast-media\.default\S+ lists nobody/,
  ],
  'media servers of another Service': [
    controller,
    `${container}.env.2.value`,
    'srv+ws://_http._tcp.manycast-signaling.$(POD_NAMESPACE).svc.cluster.local/kurento',
    /manycast-signaling\S+ lists nobody/,
  ],
  'media servers of another namespace': [
    controller,
    `${container}.env.2.value`,
    'srv+ws://_control._tcp.manycast-media.media.svc.cluster.local/kurento',
    /is in another namespace/,
  ],
  'media servers by a name that needs a search list': [
    controller,
    `${container}.env.2.value`,
    'srv+ws://_control._tcp.manycast-media/kurento',
    /_control\._tcp\.manycast-media is not the name/,
  ],
  'a name with a variable that comes later': [
    controller,
    `${container}.env.1.name`,
    'NAMESPACE',
    /MANYCAST_MEDIA_DNS: \$\(POD_NAMESPACE\) is not known/,
  ],
  'media servers that are gone for as long as they are not ready': [
    'Service manycast-media',
    'spec.publishNotReadyAddresses',
    false,
    /leaves out pods that are not ready/,
  ],
  'a media server that drains another name': [
    media,
    `${container}.env.2.value`,
    '$(POD_NAME).manycast-media:8888',
    /calls its first pod manycast-media-0\.manycast-media:8888, and DNS calls it manycast-media-0\.manycast-media\.default\.svc/,
  ],
  'media servers on another port': [
    media,
    `${container}.ports.0.containerPort`,
    8889,
    /and DNS calls it \S+:8889/,
  ],
  'a static media server that is not there': [
    settings,
    'data.MANYCAST_MEDIA_SERVERS',
    'ws://manycast-media-2.manycast-media:8888/kurento',
    /ws:\/\/manycast-media-2\S+ leads to nothing/,
  ],
  'pods without names': ['Service manycast-media', 'spec.clusterIP', undefined, /is not headless/],
  'a config map that is mounted and not there': [
    media,
    'spec.template.spec.volumes.0.configMap.name',
    'manycast-drain',
    /StatefulSet manycast-media: mounts ConfigMap manycast-drain, which is not there/,
  ],
  'pods that their Deployment does not find': [
    node,
    'spec.template.metadata.labels',
    { 'app.kubernetes.io/name': 'signaling' },
    /Deployment manycast-signaling: selector does not match its own pods/,
  ],
  'a Service that selects nothing': [
    'Service manycast-signaling',
    'spec.selector',
    { 'app.kubernetes.io/name': 'signaling' },
    /Service manycast-signaling: selects the pods of 0 workloads/,
  ],
  'a Service that selects too much': [
    'Service manycast-signaling',
    'spec.selector',
    { 'app.kubernetes.io/part-of': 'manycast' },
    /Service manycast-signaling: selects the pods of 3 workloads/,
  ],
  'a Service to an unknown port': [
    'Service manycast-signaling',
    'spec.ports.0.targetPort',
    'web',
    /no container has the port web/,
  ],
  'a disruption budget for nothing': [
    'PodDisruptionBudget manycast-signaling',
    'spec.selector.matchLabels',
    { app: 'signaling' },
    /PodDisruptionBudget manycast-signaling: selects the pods of 0/,
  ],
  'a disruption budget for another’s pods': [
    'PodDisruptionBudget manycast-controller',
    'spec.selector.matchLabels',
    { 'app.kubernetes.io/part-of': 'manycast' },
    /PodDisruptionBudget manycast-controller: selects the pods of 3/,
  ],
  // Against the rules of the house.
  '[R-NODE-1] killed in the middle of a stop': [
    node,
    'spec.template.spec.terminationGracePeriodSeconds',
    32,
    /killed after 32 s, but a stop may take 32000 ms/,
  ],
  '[R-NODE-1] a node that waits for its clients until it is too late': [
    nodeSettings,
    'data.MANYCAST_DRAIN_MS',
    '20000',
    /waits 20000 ms for its clients, but ends itself after 20000 ms/,
  ],
  'a controller killed in the middle of a stop': [
    controller,
    'spec.template.spec.terminationGracePeriodSeconds',
    20,
    /Deployment manycast-controller, \w+: killed after 20 s, but a stop may take 20000 ms/,
  ],
  'a controller that may be root': [
    controller,
    'spec.template.spec.securityContext.runAsUser',
    0,
    /Deployment manycast-controller, controller: may be root/,
  ],
  'no memory limit': [node, `${container}.resources.limits`, undefined, /has no limits\.memory/],
  'no processor request': [media, `${container}.resources.requests.cpu`, undefined, /has no requests\.cpu/],
  'no readiness probe': [node, `${container}.readinessProbe`, undefined, /has no readinessProbe/],
  'a probe of an unknown port': [
    node,
    `${container}.livenessProbe.httpGet.port`,
    'web',
    /livenessProbe asks a port that the container does not have/,
  ],
  'a node that may be root': [
    node,
    'spec.template.spec.securityContext.runAsNonRoot',
    undefined,
    /may be root/,
  ],
  'a node that may write to its image': [
    node,
    `${container}.securityContext.readOnlyRootFilesystem`,
    false,
    /may write to its image/,
  ],
  'a media server with capabilities': [
    media,
    `${container}.securityContext.capabilities`,
    undefined,
    /StatefulSet manycast-media, media: capabilities not dropped/,
  ],
};

describe('a mistake in the base is found', () => {
  const base = renderKustomization('base');

  it.each(Object.entries(mistakes))('%s', async (_name, [object, path, value, expected]) => {
    const objects = structuredClone(await base);
    plant(objects, object, path, value);
    expect(manifestProblems(objects).join('\n')).toMatch(expected);
  });
});

const scaler = 'HorizontalPodAutoscaler manycast-signaling';
const policy = (name: string) => `NetworkPolicy manycast-${name}`;

const mistakesInProduction: Record<string, Mistake> = {
  'media servers kept apart from something else': [
    media,
    'spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.labelSelector.matchLabels',
    { app: 'media' },
    /podAntiAffinity\[0\] does not match its own pods/,
  ],

  // Autoscaling.
  'an autoscaler for nobody': [scaler, 'spec.scaleTargetRef.name', 'signaling', /there is no such workload/],
  'an autoscaler that every apply works against': [
    node,
    'spec.replicas',
    2,
    /its replicas would be set back to 2 by every apply/,
  ],
  'nodes that may be one alone': [scaler, 'spec.minReplicas', 1, /goes from 1 to 10/],
  'a pool that every apply makes small again': [
    media,
    'spec.replicas',
    2,
    /StatefulSet manycast-media: its replicas would be set back to 2/,
  ],
  'a metric of a type that does not exist': [
    scaler,
    'spec.metrics.0.type',
    'Ressource',
    /a metric of the type Ressource is not described/,
  ],
  'a metric without its target': [
    scaler,
    'spec.metrics.0.resource.target',
    undefined,
    /required property target/,
  ],
  'a number of nodes that nobody says': [
    controller,
    'spec.replicas',
    undefined,
    /manycast-controller: nobody says how many there are/,
  ],

  // Who reaches whom.
  'nodes that nobody reaches': [
    policy('signaling'),
    'spec.ingress.0.from',
    [{ podSelector: { matchLabels: { app: 'ingress' } } }],
    /manycast-signaling: clients cannot reach its port http/,
  ],
  'an admin API for everybody': [
    policy('controller'),
    'spec.ingress.1.from',
    undefined,
    /manycast-controller: everybody can reach its port admin/,
  ],
  'a policy for pods that are not there': [
    policy('controller'),
    'spec.podSelector.matchLabels',
    { app: 'controller' },
    /manycast-controller: is about 0 workloads/,
  ],
  'a policy for a port that is not there': [
    policy('controller'),
    'spec.ingress.0.ports.0.port',
    'metrics',
    /no container has the port metrics/,
  ],
  'a policy with a field that is none': [
    policy('controller'),
    'spec.ingresses',
    [],
    /spec\.ingresses is not a field/,
  ],
  'an ingress that leads nowhere': [
    'Ingress manycast',
    'spec.rules.0.http.paths.0.backend.service.name',
    'signaling',
    /Ingress manycast: there is no Service signaling/,
  ],
  'an ingress that cuts quiet WebSockets': [
    'Ingress manycast',
    'metadata.annotations.nginx\\.ingress\\.kubernetes\\.io/proxy-read-timeout',
    '10',
    /cuts WebSockets that are silent: proxy-read-timeout/,
  ],
  'an ingress that is sticky': [
    'Ingress manycast',
    'metadata.annotations.nginx\\.ingress\\.kubernetes\\.io/affinity',
    'cookie',
    /affinity: any node serves any client/,
  ],
  'an ingress that shows the metrics': [
    'Ingress manycast',
    'spec.rules.0.http.paths.0',
    {
      path: '/',
      pathType: 'Prefix',
      backend: { service: { name: 'manycast-signaling', port: { name: 'http' } } },
    },
    /shows everybody the metrics/,
  ],
  'an ingress without TLS': ['Ingress manycast', 'spec.tls', undefined, /live\.example\.com has no TLS/],

  // Coming and going of media servers.
  'a media server killed while its rooms move': [
    media,
    'spec.template.spec.terminationGracePeriodSeconds',
    600,
    /killed after 600 s, but its rooms have 600 s to move/,
  ],
  'a media server that goes without a word': [
    media,
    `${container}.lifecycle.preStop`,
    undefined,
    /preStop runs a script that is not there/,
  ],
  'hooks the wrong way round': [
    media,
    `${container}.lifecycle.preStop.exec.command.2`,
    'start',
    /preStop runs drain\.sh start/,
  ],
  'a script that is not mounted': [
    media,
    `${container}.volumeMounts.0.mountPath`,
    '/etc/drain',
    /postStart runs a script that is not there/,
  ],
  'an order that the admin API does not have': [
    'ConfigMap manycast-media-drain',
    'data.drain\\.sh',
    'drain_seconds=600\n  try_until "$deadline" POST /drains\n  try_until "$deadline" GET \'\'\n',
    /the admin API has no POST \/v1\/servers\/\{server\}\/drains/,
  ],
  'media servers on their machines’ network that cannot order': [
    policy('controller'),
    'spec.ingress.1.from.2',
    { podSelector: { matchLabels: { app: 'media' } } },
    /manycast-media cannot reach its port admin/,
  ],

  // Rights.
  'pods that the namespace does not take': [
    'Namespace manycast',
    'metadata.labels.pod-security\\.kubernetes\\.io/enforce',
    'baseline',
    /takes only baseline pods, and this one is on its machine’s network/,
  ],
  'a node on its machine’s network': [
    node,
    'spec.template.spec.hostNetwork',
    true,
    /manycast-signaling: does not fit "restricted": is on its machine’s network/,
  ],
  'an account that is not there': [
    node,
    'spec.template.spec.serviceAccountName',
    'signaling',
    /there is no ServiceAccount signaling/,
  ],
  'a token that nobody needs': [
    node,
    'spec.template.spec.automountServiceAccountToken',
    true,
    /is given a token of the Kubernetes API/,
  ],

  // Monitoring.
  'pods that are not scraped': [
    'PodMonitor manycast-signaling',
    'spec.selector.matchLabels',
    { app: 'signaling' },
    /selects the pods of 0 workloads/,
  ],
  'a job of another name than the rules know': [
    'PodMonitor manycast-signaling',
    'spec.jobLabel',
    'app.kubernetes.io/part-of',
    /its job would be called "manycast"/,
  ],
  'metrics at a port that is not there': [
    'PodMonitor manycast-controller',
    'spec.podMetricsEndpoints.0.port',
    'metrics',
    /no container has the port metrics/,
  ],
  'a monitor that does not say of what its interval is': [
    'PodMonitor manycast-controller',
    'spec.podMetricsEndpoints.0.interval',
    '15',
    /interval must match pattern/,
  ],
  'a monitor with a field that is none': [
    'PodMonitor manycast-controller',
    'spec.endpoints',
    [],
    /spec\.endpoints is not a field/,
  ],
  'rules that are not those of infra': [
    'PrometheusRule manycast',
    'spec.groups.1.rules.0.for',
    '1h',
    /is not what infra\/prometheus\/rules\.yaml says/,
  ],
  'a dashboard that is left out': [
    'ConfigMap manycast-dashboards',
    'data.manycast-media\\.json',
    undefined,
    /leaves out manycast-media/,
  ],
  'dashboards that Grafana does not find': [
    'ConfigMap manycast-dashboards',
    'metadata.labels.grafana_dashboard',
    undefined,
    /Grafana does not find it/,
  ],
};

describe('a mistake in the production overlay is found', () => {
  const production = renderKustomization('overlays/prod');

  it.each(Object.entries(mistakesInProduction))('%s', async (_name, [object, path, value, expected]) => {
    const objects = structuredClone(await production);
    plant(objects, object, path, value);
    expect(manifestProblems(objects).join('\n')).toMatch(expected);
  });
});

describe('a mistake with KEDA is found', () => {
  const scaled = renderWithComponent('components/keda');

  it.each<Mistake>([
    ['ScaledObject manycast-media', 'spec.scaleTargetRef.name', 'media', /there is no such workload/],
    ['ScaledObject manycast-media', 'spec.minReplicaCount', 1, /goes from 1 to 20/],
    ['StatefulSet manycast-media', 'spec.replicas', 2, /its replicas would be set back to 2/],
    ['ScaledObject manycast-media', 'spec.maxReplicaCount', '20', /maxReplicaCount must be integer/],
    ['ScaledObject manycast-media', 'spec.minReplicas', 2, /spec\.minReplicas is not a field/],
    [
      'ScaledObject manycast-media',
      'spec.triggers.0.metadata.query',
      '100 * manycast:pool:ratio',
      /no rule records manycast:pool:ratio/,
    ],
    ['ScaledObject manycast-media', 'spec.triggers.0.metadata.query', '100 * (', /is no query/],
  ])('%s %s', async (object, path, value, expected) => {
    const objects = structuredClone(await scaled);
    plant(objects, object, path, value);
    expect(manifestProblems(objects).join('\n')).toMatch(expected);
  });
});
