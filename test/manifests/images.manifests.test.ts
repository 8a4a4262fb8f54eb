import { describe, expect, it } from 'vitest';
import { type App, appSchemas, apps, configOf } from './app-settings.js';
import { readDockerfile } from './dockerfile.js';

const cluster = { MANYCAST_REDIS_URL: 'redis://redis' };
const required: Record<App, Record<string, string>> = {
  signaling: { ...cluster, MANYCAST_TOKEN_SECRET: '0123456789abcdef', MANYCAST_OPEN: 'true' },
  controller: cluster,
  'embedded-media': {},
};

describe.each(apps)('infra/%s.Dockerfile', app => {
  const image = readDockerfile(app);

  it('pulls nothing but NODE_IMAGE', () => {
    const from = [...image.text.matchAll(/^FROM (\S+)/gm)].map(([, name]) => name);
    expect(new Set(from)).toEqual(new Set(['$' + '{NODE_IMAGE}', 'production', 'scratch']));
    expect(image.text).toMatch(/^ARG NODE_IMAGE=node:20-/m);
    expect(image.text).not.toMatch(/^#\s*syntax=/m);
    expect(image.text).not.toMatch(/--from=(?!manifests|build|production|bare)/);
  });

  it('begins from nothing, so that it has no shell, and needs none', () => {
    expect(image.base).toBe('scratch');
    const shellForms = image.instructions.filter(
      line =>
        /^(CMD|ENTRYPOINT|RUN|HEALTHCHECK)\b/.test(line) && !/(^|\s)(CMD|ENTRYPOINT) \["node", /.test(line),
    );
    expect(shellForms).toEqual([]);
  });

  it('runs as a user of whom Kubernetes can tell that it is not root', () => {
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('runs in production, and sets only what the app knows', () => {
    expect(image.env.NODE_ENV).toBe('production');
    const { config, problems } = configOf(`manycast/${app}`, required[app]);
    expect(problems).toEqual([]);
    expect(config?.host).toBe('0.0.0.0');
    expect(configOf(`manycast/${app}`, {}).problems).toEqual(
      Object.keys(required[app]).map(name =>
        name === 'MANYCAST_OPEN'
          ? expect.stringMatching(/^MANYCAST_OPEN: nobody could/)
          : `${name}: is required`,
      ),
    );
    expect(image.port).toBe(Number(appSchemas[app].shape.port.parse(undefined)));
  });
});
