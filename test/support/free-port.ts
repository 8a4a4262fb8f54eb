import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what Linux hands out to outgoing connections (32,768 on), which would take a port between the look and its use. */
const firstPort = 12_000;
const portCount = 20_000;

/** Another place for each test process, and never the same port twice in one. */
let next = Math.floor(Math.random() * portCount);

/** A TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let looked = 0; looked < portCount; looked++) {
    const port = firstPort + next;
    next = (next + 1) % portCount;
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${firstPort} and ${firstPort + portCount - 1}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise(resolve => server.close(resolve));
  }
}
