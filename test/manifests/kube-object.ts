import type {
  V1Container,
  V1LabelSelector,
  V1ObjectMeta,
  V1PodSpec,
  V1PodTemplateSpec,
} from '@kubernetes/client-node';

/** An object as it stands in a rendered manifest; whether it is one at all is for `schemaProblems` to say. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: V1ObjectMeta & { name: string };
  // biome-ignore lint/suspicious/noExplicitAny: its shape depends on the kind
  spec?: any;
  data?: Record<string, string>;
  stringData?: Record<string, string>;
}

/** Something that makes pods. */
export interface Workload extends KubeObject {
  spec: {
    replicas?: number;
    serviceName?: string;
    selector: V1LabelSelector;
    template: V1PodTemplateSpec & { spec: V1PodSpec };
  };
}

export const workloadsOf = (objects: KubeObject[]): Workload[] =>
  objects.filter((object): object is Workload => object.spec?.template?.spec?.containers !== undefined);

export const ofKind = (objects: KubeObject[], kind: string): KubeObject[] =>
  objects.filter(object => object.kind === kind);

export const named = (objects: KubeObject[], kind: string, name: string): KubeObject | undefined =>
  ofKind(objects, kind).find(object => object.metadata.name === name);

export const titleOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.name}`;

/** Each container with the workload it is in; the title says which one a problem is about. */
export function containersOf(
  objects: KubeObject[],
): { title: string; workload: Workload; container: V1Container }[] {
  return workloadsOf(objects).flatMap(workload =>
    [...(workload.spec.template.spec.initContainers ?? []), ...workload.spec.template.spec.containers].map(
      container => ({ title: `${titleOf(workload)}, ${container.name}`, workload, container }),
    ),
  );
}
