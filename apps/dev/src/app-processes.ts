import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../bin/lib/start-options.mjs';
import type { Child, Role } from './child.js';
import type { Children } from './children.js';
import { waitUntilReady } from './readiness.js';

export type AppRole = Exclude<Role, 'redis'>;

export interface AppProcess {
  id: string;
  port: number;
  child: Child;
}

export interface AppOrder {
  id: string;
  port: number;
  env: Environment;
}

/** Where the apps' builds are, seen from this file's own. */
const program: Record<AppRole, string> = {
  media: fileURLToPath(new URL('../../embedded-media/dist/main.js', import.meta.url)),
  controller: fileURLToPath(new URL('../../controller/dist/main.js', import.meta.url)),
  node: fileURLToPath(new URL('../../signaling/dist/main.js', import.meta.url)),
};

/** Starts them together and resolves when all of them are ready. */
export async function startApps(
  role: AppRole,
  orders: AppOrder[],
  { children, runFolder, stopped }: { children: Children; runFolder: string; stopped: AbortSignal },
): Promise<AppProcess[]> {
  const started = orders.map(({ id, port, env }) => {
    const child = children.start({
      role,
      id,
      file: process.execPath,
      args: [program[role]],
      env: { ...env, MANYCAST_HOST: '127.0.0.1', MANYCAST_PORT: String(port) },
      logFile: join(runFolder, `${id}.log`),
    });
    return { id, port, child };
  });
  await Promise.all(
    started.map(({ child, port }) => waitUntilReady(child, `http://127.0.0.1:${port}/readyz`, stopped)),
  );
  return started;
}
