import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { repositoryRoot } from '../support/built-app.js';
import type { KubeObject } from './kube-object.js';

const require = createRequire(import.meta.url);
/** Starts the binary of this platform. */
const kustomize = require.resolve('kustomize/run.js');
const folder = join(repositoryRoot, 'k8s');

/** Every folder below k8s/ that can be applied: a new one is tested without being named here. */
export const kustomizations: string[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('kustomization.yaml'))
  .map(dirname)
  .sort();

/** What `kubectl apply -k` would send. */
export async function renderKustomization(name: string): Promise<KubeObject[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [kustomize, 'build', join(folder, name)]);
  return parseAllDocuments(stdout).map(document => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}
