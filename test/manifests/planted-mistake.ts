import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, titleOf } from './kube-object.js';

/**
 * Changes one field of a rendered object; undefined removes it. A name may lack the hash that kustomize appends.
 * Throws when that changes nothing: such a mistake would prove nothing.
 */
export function plant(objects: KubeObject[], title: string, path: string, value: unknown): void {
  const object = objects.find(each =>
    [titleOf(each), titleOf(each).replace(/-[a-z0-9]{10}$/, '')].includes(title),
  );
  if (!object) throw new Error(`there is no ${title}`);
  // A dot within a key is written `\\.`.
  const keys = path.split(/(?<!\\)\./).map(key => key.replaceAll('\\.', '.'));
  const last = keys.pop() ?? '';
  const parent = keys.reduce<unknown>((each, key) => asFields(each)[key], object);
  const fields = asFields(parent);
  if (isDeepStrictEqual(fields[last], value)) throw new Error(`${title}: ${path} is that already`);
  if (value === undefined) Reflect.deleteProperty(fields, last);
  else fields[last] = value;
}

function asFields(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new Error(`has no fields: ${JSON.stringify(value)}`);
}
