import { type App, appOf } from './app-settings.js';
import { containersOf, type KubeObject } from './kube-object.js';

/**
 * Whether each HTTP probe asks something that its app answers. `ask` reaches an app that runs alone, without Redis and
 * media servers: there it is alive, and need not be ready (R-NODE-2).
 */
export async function probeProblems(
  objects: KubeObject[],
  ask: (app: App, path: string) => Promise<number>,
): Promise<string[]> {
  const probes = containersOf(objects).flatMap(({ title, container }) => {
    const { image = '', startupProbe, livenessProbe, readinessProbe } = container;
    const app = appOf(image);
    return Object.entries({ startupProbe, livenessProbe, readinessProbe }).flatMap(([name, probe]) =>
      app && probe?.httpGet
        ? [{ title: `${title}: ${name}`, app, path: probe.httpGet.path ?? '/', name }]
        : [],
    );
  });
  const answers = await Promise.all(
    probes.map(async probe => ({ ...probe, status: await ask(probe.app, probe.path) })),
  );
  return answers
    .filter(({ name, status }) => status !== 200 && !(name === 'readinessProbe' && status === 503))
    .map(({ title, path, status }) => `${title} ${path} is answered ${status} by an app that runs alone`);
}
