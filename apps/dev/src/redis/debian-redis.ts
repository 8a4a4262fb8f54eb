import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../../bin/lib/start-options.mjs';
import { libraryDependencies } from './debian-depends.js';
import type { RedisProgram } from './redis-program.js';

const run = promisify(execFile);
const aptDeadlineMs = 120_000;
/** redis-server is a link to a program in redis-tools. */
const packages = ['redis-server', 'redis-tools'];

interface Unpacking {
  folder: string;
  env: Environment;
  step: (text: string) => void;
  stopped: AbortSignal;
}

/**
 * Debian's and Ubuntu's own Redis (about 1.4 MB) with the libraries that this machine lacks, downloaded with
 * apt-get and unpacked, not installed: it needs no root, touches nothing outside `folder`, and the next start
 * finds it there.
 */
export async function unpackFromDebian(order: Unpacking): Promise<RedisProgram> {
  const root = join(order.folder, 'root');
  const present = await asProgram(root, order).catch(() => undefined);
  if (present) return present;

  order.step('fetching Redis from Debian (once, 1.4 MB)');
  const partial = join(order.folder, 'partial');
  const download = join(order.folder, 'download');
  for (const folder of [root, partial, download]) await rm(folder, { recursive: true, force: true });
  for (const folder of [partial, download]) await mkdir(folder, { recursive: true });
  try {
    await downloadWith([], download, order).catch(async () => {
      order.stopped.throwIfAborted();
      // No package lists on this machine, or lists that are older than the archive.
      return downloadWith(await fetchLists(order), download, order);
    });
    for (const name of await debsIn(download)) {
      await run('dpkg-deb', ['-x', join(download, name), partial], options(order));
    }
    await asProgram(partial, order);
    await rename(partial, root);
  } catch (cause) {
    throw new Error(complaintOf(cause), { cause });
  } finally {
    for (const folder of [partial, download, listsIn(order)])
      await rm(folder, { recursive: true, force: true });
  }
  return asProgram(root, order);
}

/** Refuses unless the program under `root` runs here with all its libraries. */
async function asProgram(root: string, order: Unpacking): Promise<RedisProgram> {
  const file = join(root, 'usr', 'bin', 'redis-server');
  const folders = [];
  for (const parent of [join(root, 'usr', 'lib'), join(root, 'lib')]) {
    const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
    folders.push(
      parent,
      ...entries.filter(entry => entry.isDirectory()).map(entry => join(parent, entry.name)),
    );
  }
  const env = { LD_LIBRARY_PATH: folders.join(':') };
  await run(file, ['--version'], options({ ...order, env: { ...order.env, ...env } }));
  return { file, env, origin: "Debian's package, unpacked" };
}

/** The packages and, as far as they are not installed, the libraries that they need. */
async function downloadWith(apt: string[], download: string, order: Unpacking): Promise<void> {
  const wanted = [...packages];
  const seen = new Set(wanted);
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    await run('apt-get', [...aptOptions, ...apt, 'download', name], { ...options(order), cwd: download });
    const deb = (await debsIn(download)).find(file => file.startsWith(`${name}_`));
    if (!deb) throw new Error(`apt-get downloaded no ${name}`);
    const { stdout } = await run('dpkg-deb', ['-f', join(download, deb), 'Depends'], options(order));
    for (const library of libraryDependencies(stdout)) {
      if (seen.has(library) || (await isInstalled(library, order))) continue;
      seen.add(library);
      wanted.push(library);
    }
  }
}

const aptOptions = [
  '-qq',
  // As root, apt would download as the user _apt, who may not write into our folder.
  ...['-o', 'APT::Sandbox::User=root'],
  // As root, apt would write its package caches under /var.
  ...['-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='],
  ...['-o', 'Acquire::http::Timeout=15', '-o', 'Acquire::https::Timeout=15', '-o', 'Acquire::Retries=1'],
];

/** Package lists of our own: updating the system's needs root. Returns the options that make apt use them. */
async function fetchLists(order: Unpacking): Promise<string[]> {
  const lists = listsIn(order);
  await mkdir(join(lists, 'partial'), { recursive: true });
  const apt = ['-o', `Dir::State::Lists=${lists}`];
  order.step("reading Debian's package lists (once)");
  // An update that reached nothing is a success to apt unless it is told otherwise.
  await run(
    'apt-get',
    [...aptOptions, ...apt, '-o', 'APT::Update::Error-Mode=any', 'update'],
    options(order),
  );
  return apt;
}

function listsIn(order: Unpacking): string {
  return join(order.folder, 'lists');
}

async function isInstalled(name: string, order: Unpacking): Promise<boolean> {
  const { stdout } = await run('dpkg-query', ['-s', name], options(order)).catch(() => ({ stdout: '' }));
  return /^Status: .* installed$/m.test(stdout);
}

async function debsIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(name => name.endsWith('.deb'));
}

function options(order: Pick<Unpacking, 'env' | 'stopped'>) {
  return { env: { ...order.env, LC_ALL: 'C' }, signal: order.stopped, timeout: aptDeadlineMs };
}

/** The first of apt's complaints, or else the first line of the error. */
function complaintOf(cause: unknown): string {
  const { stderr = '', message = '' } = cause as { stderr?: string; message?: string };
  return /^E: (.*)$/m.exec(stderr)?.[1] ?? message.split('\n')[0] ?? '';
}
