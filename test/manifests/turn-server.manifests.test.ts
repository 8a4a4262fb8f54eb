import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/built-app.js';
import { type ComposeService, readCompose } from './compose-file.js';
import { named, ofKind, type Workload } from './kube-object.js';
import { renderWithComponent } from './kustomization.js';

const text = readFileSync(join(repositoryRoot, 'infra/coturn/coturn.conf'), 'utf8');
const settings = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
const names = new Set(settings.map(line => line.split('=')[0] as string));

/** What is said to the program besides, without values. */
const saidIn = (command: string) => [...command.matchAll(/--([\w-]+)/g)].map(([, name = '']) => name);

async function commands(): Promise<Record<string, string>> {
  const { turn } = readCompose('compose.yaml') as Record<string, ComposeService & { command: string[] }>;
  const coturn = named(await renderWithComponent('components/coturn'), 'Deployment', 'coturn') as Workload;
  return {
    compose: turn?.command.join(' ') ?? '',
    Kubernetes: coturn.spec.template.spec.containers[0]?.args?.join(' ') ?? '',
  };
}

describe('infra/coturn/coturn.conf', () => {
  it('lets nobody in without credentials, and relays into no private network', () => {
    expect(settings).toContain('use-auth-secret');
    const denied = settings.filter(line => line.startsWith('denied-peer-ip='));
    for (const first of ['10.', '127.', '169.254.', '172.16.', '192.168.', '100.64.', '::1', 'fc00::'])
      expect(
        denied.filter(line => line.startsWith(`denied-peer-ip=${first}`)),
        first,
      ).toHaveLength(1);
    expect(names).not.toContain('allowed-peer-ip');
    expect(names).not.toContain('static-auth-secret');
  });

  it.each(['compose', 'Kubernetes'])(
    'is what %s uses, which says nothing twice and no more than its place',
    async where => {
      const command = (await commands())[where] ?? '';
      expect(command).toMatch(/-c \/\S+\.conf/);
      expect(saidIn(command)).toContain('allowed-peer-ip');
      expect(saidIn(command).filter(name => names.has(name))).toEqual([]);
    },
  );

  it('is mounted where Kubernetes’ command looks for it', async () => {
    const objects = await renderWithComponent('components/coturn');
    const [map] = ofKind(objects, 'ConfigMap').filter(({ metadata }) => metadata.name.startsWith('coturn-'));
    expect(map?.data).toEqual({ 'coturn.conf': text });
    const { containers, volumes } = (named(objects, 'Deployment', 'coturn') as Workload).spec.template.spec;
    const volume = volumes?.find(({ configMap }) => configMap?.name === map?.metadata.name);
    const mount = containers[0]?.volumeMounts?.find(({ name }) => name === volume?.name);
    expect((await commands()).Kubernetes).toContain(`-c ${mount?.mountPath}/coturn.conf `);
  });
});
