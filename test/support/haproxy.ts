import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { startProcess } from './child-process.js';
import { freePort } from './free-port.js';

const shipped = new URL('../../infra/haproxy.cfg', import.meta.url);

/** Debian has it in a folder that is not on everybody's PATH. */
export const haproxyPath = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  .map(folder => join(folder, 'haproxy'))
  .find(existsSync);

export interface Haproxy {
  readonly url: string;
  stop(): Promise<void>;
}

/** The load balancer as infra/ ships it, with nodes of this machine: `leastconn`, nothing sticky. */
export async function startHaproxy(nodes: { nodeId: string; port: number }[]): Promise<Haproxy> {
  if (!haproxyPath) throw new Error('haproxy is not installed');
  const port = await freePort();
  const config = (await readFile(shipped, 'utf8'))
    .replace(/^resolvers .*\n(?: {2}.*\n)*/m, '')
    .replace('bind :8080', `bind 127.0.0.1:${port}`)
    .replace(' init-addr libc,none resolvers docker', '')
    .replace(/^ {2}server .*\n/gm, '');
  const servers = nodes.map(node => `  server ${node.nodeId} 127.0.0.1:${node.port}\n`).join('');
  const folder = await mkdtemp(join(tmpdir(), 'manycast-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, config + servers);
  const url = `http://127.0.0.1:${port}`;
  const running = await startProcess({
    name: `haproxy on ${port}`,
    command: haproxyPath,
    args: ['-db', '-f', file],
    ready: async () => (await fetch(`${url}/livez`)).ok,
  });
  return {
    url,
    stop: async () => {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
