import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedMedia, startEmbeddedMedia } from '../support/embedded-media.js';
import { childEnvironment } from '../support/environment.js';
import { freePort } from '../support/free-port.js';
import { type SignalingNode, startSignalingNode } from '../support/signaling-node.js';
import { type App, apps } from './app-settings.js';
import { readDockerfile } from './dockerfile.js';
import { kustomizations, renderKustomization } from './kustomization.js';
import { plant } from './planted-mistake.js';
import { probeProblems } from './probe-problems.js';

let node: SignalingNode;
let media: EmbeddedMedia;

beforeAll(async () => {
  const nowhere = await freePort();
  [node, media] = await Promise.all([
    startSignalingNode({
      redisUrl: `redis://127.0.0.1:${nowhere}`,
      mediaServers: [`ws://127.0.0.1:${nowhere}/kurento`],
      readyPath: '/livez',
      logLevel: 'silent',
    }),
    startEmbeddedMedia(),
  ]);
});
afterAll(() => Promise.all([node?.stop(), media?.stop()]));

const portOf = (app: App): number => ({ signaling: node, 'embedded-media': media })[app].port;
const ask = async (app: App, path: string): Promise<number> =>
  (await fetch(`http://127.0.0.1:${portOf(app)}${path}`)).status;

describe.each(kustomizations)('k8s/%s', name => {
  it('[R-NODE-2] has probes that real apps answer, and liveness needs neither Redis nor media', async () => {
    expect(await probeProblems(await renderKustomization(name), ask)).toEqual([]);
  });
});

describe('a mistake in a probe is found', () => {
  const probe = (name: string) => `spec.template.spec.containers.0.${name}.httpGet.path`;
  it.each([
    ['a path that does not exist', 'livenessProbe', '/healthz', /livenessProbe \/healthz is answered 404/],
    [
      'readiness at a path that does not exist',
      'readinessProbe',
      '/ready',
      /readinessProbe \/ready is answered 404/,
    ],
    [
      '[R-NODE-2] liveness that depends on Redis',
      'livenessProbe',
      '/readyz',
      /livenessProbe \/readyz is answered 503/,
    ],
  ])('%s', async (_name, kind, path, expected) => {
    const objects = await renderKustomization('base');
    plant(objects, 'Deployment manycast-signaling', probe(kind), path);
    expect((await probeProblems(objects, ask)).join('\n')).toMatch(expected);
  });
});

describe.each(apps)('the health check of the image manycast/%s', app => {
  const check = (port: number) => {
    const { healthcheck, env } = readDockerfile(app);
    const [program, ...args] = JSON.parse(healthcheck?.replace(/^.*? CMD /, '') ?? '[]');
    const settings = { ...env, MANYCAST_PORT: String(port) };
    return spawnSync(program, args, { env: childEnvironment(settings), timeout: 5_000 }).status;
  };

  it('passes on a running app', () => expect(check(portOf(app))).toBe(0));
  it('fails where nothing listens', async () => expect(check(await freePort())).toBe(1));
});
