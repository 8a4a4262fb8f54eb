import { once } from 'node:events';
import { createServer } from 'node:net';
import { exitCode, Refusal } from '../bin/lib/exit-code.mjs';

/** Kurento's own port; the embedded media servers take it and the next free ones. */
const firstMediaPort = 8888;
const lastMediaPort = firstMediaPort + 200;

export type IsFree = (port: number) => Promise<boolean>;

export interface PortPlan {
  nodes: number[];
  mediaServers: number[];
}

/** The nodes' ports are what was asked for or a refusal; the media servers' are the first free ones. */
export async function planPorts(
  order: { basePort: number; nodes: number; mediaServers: number },
  isFree: IsFree,
): Promise<PortPlan> {
  const nodes = Array.from({ length: order.nodes }, (_, index) => order.basePort + index);
  for (const [index, port] of nodes.entries()) {
    if (await isFree(port)) continue;
    throw new Refusal(
      exitCode.unavailable,
      `Port ${port}, meant for the signaling node node-${index + 1}, is taken: end what listens there, ` +
        'or choose other ports with --port BASE.',
    );
  }
  const mediaServers: number[] = [];
  for (let port = firstMediaPort; mediaServers.length < order.mediaServers; port++) {
    if (port > lastMediaPort) {
      throw new Refusal(
        exitCode.unavailable,
        `No free ports for ${order.mediaServers} embedded media servers between ${firstMediaPort} and ` +
          `${lastMediaPort}: free some, or ask for fewer with --media-servers N.`,
      );
    }
    if (!nodes.includes(port) && (await isFree(port))) mediaServers.push(port);
  }
  return { nodes, mediaServers };
}

/** Free on both loopbacks: browsers try ::1 as well when they are sent to `localhost`. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'));
}

export async function anyFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port');
  return address.port;
}

async function canListen(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES') {
      throw new Refusal(
        exitCode.unavailable,
        `Port ${port} is not for ordinary users: choose ports from 1024 up with --port BASE.`,
      );
    }
    // A machine without IPv6 has nobody listening there.
    return code !== 'EADDRINUSE';
  }
  server.close();
  await once(server, 'close');
  return true;
}
