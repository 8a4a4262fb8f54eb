import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes the folder of this run (logs, Redis's working directory) and clears those of runs that are over. */
export async function openRunFolder(cacheFolder: string): Promise<string> {
  const runs = join(cacheFolder, 'runs');
  await mkdir(runs, { recursive: true });
  for (const name of await readdir(runs)) {
    if (!isRunning(Number(name))) await removeRunFolder(join(runs, name));
  }
  const folder = join(runs, String(process.pid));
  await removeRunFolder(folder);
  await mkdir(folder);
  return folder;
}

export async function removeRunFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
