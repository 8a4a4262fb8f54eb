import * as client from '@kubernetes/client-node';
import * as keda from '@kubernetes-models/keda/keda.sh/v1alpha1';
import * as monitoring from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import { type KubeObject, titleOf } from './kube-object.js';

type Model = new (data: object) => { validate(): void };

/** The APIs in use so far. */
const apis: Record<string, unknown> = {
  v1: core,
  'apps/v1': apps,
  'autoscaling/v2': autoscaling,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
  'keda.sh/v1alpha1': keda,
  'monitoring.coreos.com/v1': monitoring,
};

/** Of kinds that the official client does not know, what of their fields is in use: a field of theirs is read up before it is added here. */
const foreignFields: Record<string, string[]> = {
  PodMonitor: ['jobLabel', 'selector', 'podMetricsEndpoints'],
  PrometheusRule: ['groups'],
  ScaledObject: [
    ...['scaleTargetRef', 'minReplicaCount', 'maxReplicaCount', 'pollingInterval', 'fallback'],
    ...['advanced', 'triggers'],
  ],
};

/**
 * What the API server would object to, and what it would silently drop. Two sources, because each knows half:
 * kubernetes-models checks types, required fields and quantities but lets unknown fields pass; the official client
 * knows the name and type of every field but checks nothing.
 */
export function schemaProblems(object: KubeObject): string[] {
  const known = foreignFields[object.kind];
  const unknown = known
    ? Object.keys(object.spec ?? {})
        .filter(field => !known.includes(field))
        .map(field => `.spec.${field} is not a field`)
    : unknownFields(object, clientClass(object), '');
  const problems = [...typeProblems(object), ...unknown];
  return problems.map(problem => `${titleOf(object)}: ${problem}`);
}

function typeProblems(object: KubeObject): string[] {
  const api = apis[object.apiVersion] as Record<string, Model> | undefined;
  const Model = api?.[object.kind];
  if (!Model) return [`${object.apiVersion} has no ${object.kind}`];
  try {
    new Model(object).validate();
    return [];
  } catch (error) {
    return (error as Error).message.split(', ');
  }
}

/** `apps/v1 Deployment` is V1Deployment in the client, `autoscaling/v2 …` V2…. */
function clientClass({ apiVersion, kind }: KubeObject): string {
  const version = apiVersion.split('/').at(-1) ?? '';
  return version.charAt(0).toUpperCase() + version.slice(1) + kind;
}

interface Field {
  baseName: string;
  type: string;
}

function unknownFields(value: unknown, type: string, path: string): string[] {
  const item = type.match(/^Array<(.+)>$/)?.[1];
  if (item && Array.isArray(value)) {
    return value.flatMap((entry, index) => unknownFields(entry, item, `${path}[${index}]`));
  }
  const entry = type.match(/^\{ \[key: string\]: (.+); \}$/)?.[1];
  if (entry && isObject(value)) {
    return Object.entries(value).flatMap(([key, each]) => unknownFields(each, entry, `${path}.${key}`));
  }
  const fields = fieldsOf(type);
  if (!fields || !isObject(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    const field = fields.find(({ baseName }) => baseName === key);
    return field ? unknownFields(each, field.type, `${path}.${key}`) : [`${path}.${key} is not a field`];
  });
}

/** Undefined for plain values such as `string` or `IntOrString`. */
function fieldsOf(type: string): Field[] | undefined {
  const model = (client as unknown as Record<string, { getAttributeTypeMap?: () => Field[] } | undefined>)[
    type
  ];
  return model?.getAttributeTypeMap?.();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
