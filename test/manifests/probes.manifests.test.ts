import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Controller, type ControllerOptions, startController } from '../support/controller.js';
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
let controller: Controller;
let media: EmbeddedMedia;

beforeAll(async () => {
  const nowhere = await freePort();
  const alone: ControllerOptions = {
    redisUrl: `redis://127.0.0.1:${nowhere}`,
    mediaServers: [`ws://127.0.0.1:${nowhere}/kurento`],
    readyPath: '/livez',
    logLevel: 'silent',
  };
  [node, controller, media] = await Promise.all([
    startSignalingNode(alone),
    startController(alone),
    startEmbeddedMedia(),
  ]);
});
afterAll(() => Promise.all([node, controller, media].map(app => app?.process.stop())));

const urlOf = (app: App): string =>
  ({
    signaling: node.httpUrl,
    controller: controller.httpUrl,
    'embedded-media': `http://127.0.0.1:${media.port}`,
  })[app];
const ask = async (app: App, path: string): Promise<number> => (await fetch(`${urlOf(app)}${path}`)).status;

describe.each(kustomizations)('k8s/%s', name => {
  it('[R-NODE-2] has probes that real apps answer, and liveness needs neither Redis nor media', async () => {
    expect(await probeProblems(await renderKustomization(name), ask)).toEqual([]);
  });
});

describe('a mistake in a probe is found', () => {
  const probe = (name: string) => `spec.template.spec.containers.0.${name}.httpGet.path`;
  const [node, controller] = ['Deployment manycast-signaling', 'Deployment manycast-controller'];
  it.each([
    [
      'a path that does not exist',
      node,
      'livenessProbe',
      '/healthz',
      /livenessProbe \/healthz is answered 404/,
    ],
    ['readiness at a path that does not exist', node, 'readinessProbe', '/ready', /\/ready is answered 404/],
    ['[R-NODE-2] a node’s liveness that depends on Redis', node, 'livenessProbe', '/readyz', /answered 503/],
    ['[R-NODE-2] a controller’s, likewise', controller, 'livenessProbe', '/readyz', /answered 503/],
  ])('%s', async (_name, object, kind, path, expected) => {
    const objects = await renderKustomization('base');
    plant(objects, object, probe(kind), path);
    expect((await probeProblems(objects, ask)).join('\n')).toMatch(expected);
  });
});

describe.each(apps)('the health check of the image manycast/%s', app => {
  const check = (port: number | string) => {
    const { healthcheck, env } = readDockerfile(app);
    const [program, ...args] = JSON.parse(healthcheck?.replace(/^.*? CMD /, '') ?? '[]');
    // Node is elsewhere on this machine.
    const { PATH: _, ...settingsOfImage } = env;
    const settings = { ...settingsOfImage, MANYCAST_PORT: String(port) };
    return spawnSync(program, args, { env: childEnvironment(settings), timeout: 5_000 }).status;
  };

  it('passes on a running app', () => expect(check(new URL(urlOf(app)).port)).toBe(0));
  it('fails where nothing listens', async () => expect(check(await freePort())).toBe(1));
});
