import { once } from 'node:events';
import { createServer } from 'node:net';
import { exitCode, Refusal } from '../bin/lib/exit-code.mjs';

/** Kurento's own port; the embedded media servers take it and the next free ones. */
const firstMediaPort = 8888;
/** The controller's own port, see its configuration; controllers take it and the next free ones. */
const firstControllerPort = 8090;
/** The admin API's own port, likewise. */
const firstAdminPort = 8190;
const portsLookedAt = 200;

export type IsFree = (port: number) => Promise<boolean>;

export interface PortPlan {
  nodes: number[];
  controllers: number[];
  /** One for each controller. */
  admin: number[];
  mediaServers: number[];
}

/** The nodes' ports are what was asked for or a refusal; all others are the first free ones. */
export async function planPorts(
  order: { basePort: number; nodes: number; controllers: number; mediaServers: number },
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
  const firstFree = async (first: number, count: number, what: string, flag: string): Promise<number[]> => {
    const ports: number[] = [];
    const last = first + portsLookedAt;
    for (let port = first; ports.length < count; port++) {
      if (port > last) {
        throw new Refusal(
          exitCode.unavailable,
          `No free ports for ${count} ${what} between ${first} and ${last}: free some, or ask for fewer ` +
            `with ${flag} N.`,
        );
      }
      if (!nodes.includes(port) && (await isFree(port))) ports.push(port);
    }
    return ports;
  };
  return {
    nodes,
    controllers: await firstFree(firstControllerPort, order.controllers, 'controllers', '--controllers'),
    admin: await firstFree(firstAdminPort, order.controllers, 'admin APIs', '--controllers'),
    mediaServers: await firstFree(
      firstMediaPort,
      order.mediaServers,
      'embedded media servers',
      '--media-servers',
    ),
  };
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
