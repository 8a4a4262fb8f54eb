import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { repositoryRoot } from '../support/built-app.js';
import type { KubeObject } from './kube-object.js';

const require = createRequire(import.meta.url);
/** Starts the binary of this platform. */
const kustomize = require.resolve('kustomize/run.js');
const folder = join(repositoryRoot, 'k8s');

const all = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('kustomization.yaml'))
  .map(path => ({ name: dirname(path), kind: parse(readFileSync(join(folder, path), 'utf8')).kind }));
const ofKind = (kind: string) =>
  all
    .filter(each => each.kind === kind)
    .map(({ name }) => name)
    .sort();

/** Every folder below k8s/ that can be applied: a new one is tested without being named here. */
export const kustomizations: string[] = ofKind('Kustomization');
/** What an overlay may take besides. */
export const components: string[] = ofKind('Component');

/** What `kubectl apply -k` would send. */
export async function renderKustomization(name: string): Promise<KubeObject[]> {
  return render(join(folder, name));
}

/** The base with one component, as the smallest overlay would take it. */
export async function renderWithComponent(name: string): Promise<KubeObject[]> {
  const overlay = mkdtempSync(join(tmpdir(), 'manycast-overlay-'));
  try {
    const at = (path: string) => relative(overlay, join(folder, path));
    writeFileSync(
      join(overlay, 'kustomization.yaml'),
      stringify({
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        resources: [at('base')],
        components: [at(name)],
      }),
    );
    return await render(overlay);
  } finally {
    rmSync(overlay, { recursive: true });
  }
}

async function render(path: string): Promise<KubeObject[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [kustomize, 'build', path], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return parseAllDocuments(stdout).map(document => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}
