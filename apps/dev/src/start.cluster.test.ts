import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findOnPath } from '../bin/lib/path-search.mjs';
import { anyFreePort } from './ports.js';
import type { Summary } from './summary.js';
import { freeBasePort, StartCommand, until } from './testing/start-command.js';

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const pidsOf = ({ nodes, controllers, mediaServers, redis, guardian }: Summary): number[] =>
  [...nodes, ...controllers, ...mediaServers, redis, guardian].flatMap(({ pid }) =>
    pid === null ? [] : [pid],
  );

const pathOf = (program: string) => {
  const file = findOnPath(program, process.env.PATH);
  if (file === undefined) throw new Error(`there is no ${program} on PATH`);
  return file;
};

const statusOf = async (url: string) => (await fetch(url)).status;

/** What the nodes have in their environment: one secret for all of them, if all is well. */
const tokenSecretsOf = async ({ nodes }: Summary): Promise<string[]> => {
  const environments = await Promise.all(nodes.map(({ pid }) => readFile(`/proc/${pid}/environ`, 'utf8')));
  const secrets = environments.map(text => text.match(/(?<=^|\0)MANYCAST_TOKEN_SECRET=([^\0]+)/)?.[1] ?? '');
  return [...new Set(secrets)];
};

/** A port where connections are accepted and never answered. */
const silentPort = async () => {
  const server = createServer(socket => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
};

describe('npm start', () => {
  it('runs a cluster, says so in one JSON line, survives the loss of a node and of its controller, and leaves nothing behind', async () => {
    const base = await freeBasePort(2);
    const start = new StartCommand(['--json', '--port', String(base), '--media-servers', '1']);
    const summary = await start.ready();
    expect(summary.nodes.map(node => node.url)).toEqual([
      `http://localhost:${base}`,
      `http://localhost:${base + 1}`,
    ]);
    const pids = pidsOf(summary);
    expect(pids).toHaveLength(6);
    expect(pids.filter(isAlive)).toEqual(pids);
    expect(await start.processesLeft()).toEqual(pids.sort());
    for (const { url: node, ready, live, metrics } of summary.nodes) {
      for (const url of [`${node}/?room=demo`, ready, live, metrics])
        expect(await statusOf(url), url).toBe(200);
    }

    expect(summary.controllers.map(({ id }) => id)).toEqual(['controller-1']);
    for (const { ready, live, metrics, admin } of summary.controllers) {
      for (const url of [ready, live, metrics, `${admin}/nodes`, `${admin}/openapi.json`])
        expect(await statusOf(url), url).toBe(200);
    }
    expect(await tokenSecretsOf(summary)).toEqual([expect.stringMatching(/^.{40,}$/)]);

    const [, node] = summary.nodes;
    const [controller] = summary.controllers;
    for (const { id, pid, left } of [
      { ...node, left: '1 of 2 nodes go on' },
      { ...controller, left: '0 of 1 controllers go on' },
    ]) {
      process.kill(pid ?? 0, 'SIGKILL');
      await until(() => start.stderr.includes(`${id} (pid ${pid}) was ended by SIGKILL; ${left}.`));
    }
    expect(await statusOf(summary.nodes[0]?.ready ?? '')).toBe(200);

    // Ctrl-C under npm: the terminal's signal and npm's arrive together.
    start.signal('SIGINT');
    start.signal('SIGINT');
    const end = await start.ended;
    expect(end).toMatchObject({ code: 0, stdout: `${JSON.stringify(summary)}\n` });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await start.processesLeft()).toEqual([]);
    expect(start.runFolderExists).toBe(false);
  });

  it('uses the media servers and the Redis it is told to, and ends when its last node has died', async () => {
    const lender = new StartCommand(['--json', '--port', String(await freeBasePort(1)), '--nodes', '1']);
    const lent = await lender.ready();
    const kms = lent.mediaServers.map(server => server.url);
    const start = new StartCommand(
      ['--json', '--port', String(await freeBasePort(1)), '--nodes', '1', '--kms', kms.join(',')],
      { REDIS_URL: lent.redis.url },
    );
    const summary = await start.ready();
    expect(summary.redis).toMatchObject({ pid: null, url: lent.redis.url });
    expect(summary.mediaServers.map(({ pid, url, embedded }) => ({ pid, url, embedded }))).toEqual(
      kms.map(url => ({ pid: null, url, embedded: false })),
    );

    process.kill(summary.nodes[0]?.pid ?? 0, 'SIGKILL');
    const end = await start.ended;
    expect(end.code).toBe(70);
    expect(end.stderr).toContain('no signaling node is left, so the cluster ends');
    expect(await start.processesLeft()).toEqual([]);
    expect((await lender.processesLeft()).length).toBe(pidsOf(lent).length);
  });

  it('killed the hard way, takes everything with it', async () => {
    const start = new StartCommand(['--json', '--port', String(await freeBasePort(1)), '--nodes', '1']);
    await start.ready();
    start.signal('SIGKILL');
    await until(async () => (await start.processesLeft()).length === 0);
    expect(start.runFolderExists).toBe(false);
  });
});

describe('npm start refuses, with one sentence, an exit code and nothing left running:', () => {
  const refusalOf = async (args: string[], env: Record<string, string> = {}) => {
    const start = new StartCommand(['--json', ...args], env);
    const { code, stdout, stderr } = await start.ended;
    expect(stdout).toBe('');
    expect(await start.processesLeft()).toEqual([]);
    expect(start.runFolderExists).toBe(false);
    // The lines before it are progress, which end in an ellipsis.
    const sentences = stderr.split('\n').filter(line => line !== '' && !line.endsWith('…'));
    expect(sentences).toHaveLength(1);
    return { code, sentence: sentences[0] };
  };

  it('a wrong flag, before anything is installed or built', async () => {
    const start = new StartCommand(['--nodes', 'two']);
    const { code, stderr } = await start.ended;
    expect(code).toBe(64);
    expect(stderr).toMatch(/^--nodes must be a whole number from 1 to 16, not "two"\.[^\n]*\n$/);
  });

  it('a port that is taken', async () => {
    const base = await freeBasePort(2);
    const squatter = createServer().listen(base + 1, '127.0.0.1');
    onTestFinished(() => void squatter.close());
    await once(squatter, 'listening');
    expect(await refusalOf(['--port', String(base)])).toEqual({
      code: 69,
      sentence: expect.stringContaining(`Port ${base + 1}, meant for the signaling node node-2, is taken`),
    });
  });

  it('a Redis that is not there', async () => {
    const url = `redis://:secret@127.0.0.1:${await anyFreePort()}`;
    const { code, sentence } = await refusalOf(['--port', String(await freeBasePort(2))], { REDIS_URL: url });
    expect(code).toBe(69);
    expect(sentence).toContain(`No Redis answers at ${url.replace('secret', '***')} (connect ECONNREFUSED`);
  });

  it('a Redis that accepts and stays silent', async () => {
    const url = `redis://127.0.0.1:${await silentPort()}`;
    const { code, sentence } = await refusalOf(['--port', String(await freeBasePort(2))], { REDIS_URL: url });
    expect(code).toBe(69);
    expect(sentence).toContain(`No Redis answers at ${url} (no answer within 3 s)`);
  });

  it('media servers that are not there, or stay silent', async () => {
    const [closed, silent] = [await anyFreePort(), await silentPort()].map(
      port => `ws://127.0.0.1:${port}/kurento`,
    );
    const kms = `${closed},${silent}`;
    const { code, sentence } = await refusalOf(['--port', String(await freeBasePort(2)), '--kms', kms]);
    expect(code).toBe(69);
    expect(sentence).toContain(`${closed} (connect ECONNREFUSED`);
    expect(sentence).toContain(`${silent} (no answer within 3 s)`);
  });

  it('a machine without a Redis to be had', async () => {
    const bare = await mkdtemp(join(tmpdir(), 'bare-path-'));
    onTestFinished(() => rm(bare, { recursive: true }));
    // What npm and the build call by name, and nothing else.
    await symlink(process.execPath, join(bare, 'node'));
    for (const program of ['npm', 'sh']) await symlink(pathOf(program), join(bare, program));
    const env = { PATH: bare };
    const { code, sentence } = await refusalOf(['--port', String(await freeBasePort(2))], env);
    expect(code).toBe(69);
    expect(sentence).toMatch(
      /^There is no redis-server here: install it with ".+", or name a running one with REDIS_URL/,
    );
  });

  it('a setting that the apps do not know', async () => {
    const start = new StartCommand(['--json', '--port', String(await freeBasePort(1)), '--nodes', '1'], {
      MANYCAST_NO_SUCH_SETTING: '1',
    });
    const { code, stderr } = await start.ended;
    expect(code).toBe(70);
    expect(stderr).toContain('node-1 ended with code 78 before it was ready');
    expect(stderr).toContain('MANYCAST_NO_SUCH_SETTING');
    expect(await start.processesLeft()).toEqual([]);
  });
});
