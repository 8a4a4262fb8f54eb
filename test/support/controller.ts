import { fileURLToPath } from 'node:url';
import { AdminClient } from './admin-client.js';
import { startBuiltApp } from './built-app.js';
import type { RunningProcess } from './child-process.js';
import { freePort } from './free-port.js';

export interface ControllerOptions {
  redisUrl: string;
  mediaServers: string[];
  /** Default `warn`. */
  logLevel?: string;
  env?: Record<string, string>;
  /** What `controller-with-faults.mjs` is to do, and when. */
  faults?: string[];
  /** Default: until `/readyz` answers 200. For controllers that start without Redis or media: `/livez`. */
  readyPath?: '/readyz' | '/livez';
}

export interface Controller {
  readonly httpUrl: string;
  /** The admin API of this very controller, open. */
  readonly admin: AdminClient;
  readonly process: RunningProcess;
}

const withFaults = fileURLToPath(new URL('./controller-with-faults.mjs', import.meta.url));

export async function startController(options: ControllerOptions): Promise<Controller> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const httpUrl = `http://127.0.0.1:${port}`;
  const process = await startBuiltApp({
    app: 'controller',
    name: `controller on ${port}`,
    program: options.faults && { file: withFaults, args: options.faults },
    env: {
      MANYCAST_HOST: '127.0.0.1',
      MANYCAST_PORT: String(port),
      MANYCAST_ADMIN_PORT: String(adminPort),
      MANYCAST_ADMIN_OPEN: String(!options.env?.MANYCAST_ADMIN_TOKENS_FILE),
      MANYCAST_REDIS_URL: options.redisUrl,
      MANYCAST_MEDIA_SERVERS: options.mediaServers.join(','),
      // On a busy machine a media server may stand still for longer than it should: only tests of that shorten this.
      MANYCAST_MEDIA_SILENCE_MS: '30000',
      MANYCAST_LOG_LEVEL: options.logLevel ?? 'warn',
      ...options.env,
    },
    ready: async () => (await fetch(`${httpUrl}${options.readyPath ?? '/readyz'}`)).ok,
  });
  return { httpUrl, admin: new AdminClient(`http://127.0.0.1:${adminPort}`), process };
}
