import { describe, expect, it } from 'vitest';
import { kustomizations, renderKustomization } from './kustomization.js';
import { manifestProblems } from './manifest-problems.js';
import { plant } from './planted-mistake.js';

it('there is a base and a development overlay', () => {
  expect(kustomizations).toEqual(expect.arrayContaining(['base', 'overlays/dev']));
});

describe.each(kustomizations)('k8s/%s', name => {
  it('has only known fields of the right types, settings its apps can start with, and no loose end', async () => {
    expect(manifestProblems(await renderKustomization(name))).toEqual([]);
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
  'a required setting left out': [settings, 'data.MANYCAST_MEDIA_SERVERS', undefined, /SERVERS: is required/],
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
    `${container}.env.1`,
    { name: 'MANYCAST_VIEWER_GRACE_MS', value: '1000' },
    /manycast-signaling, signaling: its viewerGraceMs is not that of Deployment manycast-controller, controller/,
  ],
  'one media server too many': [media, 'spec.replicas', 3, /leaves out manycast-media-2\.manycast-media/],
  'one media server too few': [media, 'spec.replicas', 1, /ws:\/\/manycast-media-1\S+ leads to nothing/],
  'media servers on another port': [
    'Service manycast-media',
    'spec.ports.0.port',
    8889,
    /ws:\/\/manycast-media-0\S+ leads to nothing/,
  ],
  'pods without names': ['Service manycast-media', 'spec.clusterIP', undefined, /is not headless/],
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
  'media servers kept apart from something else': [
    media,
    'spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.labelSelector.matchLabels',
    { app: 'media' },
    /podAntiAffinity\[0\] does not match its own pods/,
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
