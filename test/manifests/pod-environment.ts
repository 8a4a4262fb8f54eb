import type { V1Container, V1EnvVar, V1EnvVarSource } from '@kubernetes/client-node';
import { type KubeObject, named, ofKind, type Workload } from './kube-object.js';

/** What an operator brings; the manifests refer to it and do not contain it. */
const broughtSecrets: Record<string, Record<string, string>> = {
  'manycast-redis': { url: 'rediss://:secret@redis.example.com:6380' },
  'manycast-admin': { tokens: 'write op 0123456789abcdef', 'drain-token': '0123456789abcdef' },
  'manycast-turn': { secret: '0123456789abcdef' },
  'manycast-token': { secret: '0123456789abcdef' },
  'manycast-join': { secret: '0123456789abcdef0123456789abcdef' },
};

/** Examples of what the kubelet fills in; of a StatefulSet, for its first pod. */
const podFieldsOf = ({ kind, metadata }: Workload): Record<string, string> => ({
  'metadata.name': `${metadata.name}-${kind === 'StatefulSet' ? '0' : '5d4f8c7b9-x2x7q'}`,
  'metadata.namespace': metadata.namespace ?? 'default',
  'spec.nodeName': 'node-1',
  'status.hostIP': '192.0.2.10',
  'status.podIP': '192.0.2.10',
});

export interface Environment {
  env: Record<string, string>;
  problems: string[];
}

/** The variables a container really gets, those that Kubernetes adds for Services included. */
export function environmentOf(
  container: V1Container,
  workload: Workload,
  objects: KubeObject[],
): Environment {
  const problems: string[] = [];
  const look = (kind: 'ConfigMap' | 'Secret', name = '', isOptional = false): Record<string, string> => {
    const data = dataOf(kind, name, objects);
    if (!data && !isOptional) problems.push(`there is no ${kind} ${name}`);
    return data ?? {};
  };
  const podFields = podFieldsOf(workload);
  const resolve = ({ name, value, valueFrom }: V1EnvVar, known: Record<string, string>): string => {
    if (!valueFrom)
      return expanded(value ?? '', known, lost => problems.push(`${name}: ${lost} is not known`));
    const found = referredValue(valueFrom, look, podFields);
    if (found === undefined) problems.push(`${name}: ${JSON.stringify(valueFrom)} gives no value`);
    return found ?? '';
  };

  const links = workload.spec.template.spec.enableServiceLinks === false ? {} : serviceLinks(objects);
  const whole = (container.envFrom ?? []).map(({ configMapRef, secretRef }) => ({
    ...(configMapRef && look('ConfigMap', configMapRef.name, configMapRef.optional)),
    ...(secretRef && look('Secret', secretRef.name, secretRef.optional)),
  }));
  const env: Record<string, string> = Object.assign({}, links, ...whole);
  for (const entry of container.env ?? []) env[entry.name] = resolve(entry, env);
  return { env, problems };
}

/**
 * `$(NAME)` of what stands before it. Kubernetes leaves alone what it does not know, without a word:
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
function expanded(value: string, known: Record<string, string>, onLost: (reference: string) => void): string {
  return value.replaceAll(/\$\((\w+)\)/g, (reference, name: string) => {
    if (known[name] === undefined) onLost(reference);
    return known[name] ?? reference;
  });
}

function referredValue(
  source: V1EnvVarSource,
  look: (kind: 'ConfigMap' | 'Secret', name?: string, isOptional?: boolean) => Record<string, string>,
  podFields: Record<string, string>,
): string | undefined {
  const { configMapKeyRef, secretKeyRef, fieldRef } = source;
  if (configMapKeyRef) {
    return look('ConfigMap', configMapKeyRef.name, configMapKeyRef.optional)[configMapKeyRef.key];
  }
  if (secretKeyRef) return look('Secret', secretKeyRef.name, secretKeyRef.optional)[secretKeyRef.key];
  return fieldRef && podFields[fieldRef.fieldPath];
}

function dataOf(
  kind: 'ConfigMap' | 'Secret',
  name: string,
  objects: KubeObject[],
): Record<string, string> | undefined {
  const object = named(objects, kind, name);
  if (!object) return kind === 'Secret' ? broughtSecrets[name] : undefined;
  const isEncoded = kind === 'Secret';
  const data = Object.entries(object.data ?? {}).map(([key, value]) => [
    key,
    isEncoded ? Buffer.from(value, 'base64').toString() : value,
  ]);
  return { ...Object.fromEntries(data), ...object.stringData };
}

/** `REDIS_SERVICE_HOST=10.96.0.7` and the like: https://kubernetes.io/docs/concepts/services-networking/service/ */
function serviceLinks(objects: KubeObject[]): Record<string, string> {
  const withAddress = ofKind(objects, 'Service').filter(({ spec }) => spec.clusterIP !== 'None');
  return Object.fromEntries(
    withAddress.flatMap(({ metadata, spec }) => {
      const name = metadata.name.toUpperCase().replaceAll('-', '_');
      const port = String(spec.ports[0].port);
      return [
        [`${name}_SERVICE_HOST`, '10.96.0.7'],
        [`${name}_SERVICE_PORT`, port],
        [`${name}_PORT`, `tcp://10.96.0.7:${port}`],
      ];
    }),
  );
}
