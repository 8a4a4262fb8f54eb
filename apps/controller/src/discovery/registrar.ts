import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerRegistry } from '@manycast/core';
import { asMediaServerUrl, type MediaServerUrl } from '@manycast/protocol';
import type { Logger, Service } from '@manycast/runtime';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';

export interface RegistrarOptions {
  host: string;
  port: number;
  servers: ServerRegistry;
  capacity: number | undefined;
  log: Logger;
}

const maxFrameBytes = 4_096;
const maxSockets = 1_000;
/** Said again for as long as it is dialled in: it stays known also when Redis loses its data. */
const againMs = 10_000;

const Address = z.string().regex(/^wss?:\/\/[^\s#]{1,250}$/, 'must be a ws:// or wss:// address');
/** What Kurento's `registrar` sends (WebSocketRegistrar.cpp): `ws`, `wss`, or both. */
const Register = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.number(), z.string()]).optional(),
  method: z.literal('register'),
  params: z
    .object({ ws: Address.optional(), wss: Address.optional() })
    .refine(({ ws, wss }) => ws !== undefined || wss !== undefined, 'must name ws or wss'),
});

/**
 * Listens for media servers that dial in and name themselves, as a Kurento does whose configuration has a `registrar`.
 * One that hangs up is not forgotten by that: this process may be the one that went away.
 */
export class Registrar implements Service {
  readonly name = 'registrar';
  private readonly http: Server = createServer((_request, response) => response.writeHead(426).end());
  private readonly sockets: WebSocketServer;
  private readonly dialledIn = new Map<WebSocket, MediaServerUrl>();
  private again: NodeJS.Timeout | undefined;

  constructor(private readonly options: RegistrarOptions) {
    this.sockets = new WebSocketServer({
      server: this.http,
      maxPayload: maxFrameBytes,
      perMessageDeflate: false,
      verifyClient: () => this.sockets.clients.size < maxSockets,
    });
    this.sockets.on('connection', (socket, request) =>
      this.accept(socket, request.socket.remoteAddress ?? ''),
    );
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  async start(): Promise<void> {
    const { host, port, log } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.http.once('error', reject);
      this.http.listen(port, host, resolve);
    });
    this.again = setInterval(() => {
      for (const url of new Set(this.dialledIn.values())) void this.add(url);
    }, againMs);
    log.info({ host, port: this.port }, 'registrar listening');
  }

  async stop(): Promise<void> {
    clearInterval(this.again);
    for (const socket of this.sockets.clients) socket.terminate();
    await new Promise(resolve => this.http.close(resolve));
  }

  private accept(socket: WebSocket, from: string): void {
    const { log } = this.options;
    socket.on('error', error => log.debug({ err: error, from }, 'registrar socket'));
    socket.on('close', () => this.dialledIn.delete(socket));
    socket.on('message', data => {
      const answer = this.hear(socket, data.toString(), from);
      socket.send(JSON.stringify(answer), () => {});
    });
  }

  private hear(socket: WebSocket, frame: string, from: string): object {
    const message = Register.safeParse(parsed(frame));
    if (!message.success) {
      const [issue] = message.error.issues;
      const problem = `${issue?.path.join('.') || 'message'}: ${issue?.message}`;
      this.options.log.warn({ from, problem }, 'a registration that cannot be read');
      return { jsonrpc: '2.0', id: null, error: { code: -32600, message: problem } };
    }
    const { ws, wss } = message.data.params;
    const url = reachable(wss ?? (ws as string), from);
    this.dialledIn.set(socket, url);
    void this.add(url);
    return { jsonrpc: '2.0', id: message.data.id ?? null, result: { value: url } };
  }

  private async add(url: MediaServerUrl): Promise<void> {
    const { servers, capacity, log } = this.options;
    await servers
      .add('registrar', [{ url, ...(capacity !== undefined && { capacity }) }])
      .catch(error => log.warn({ err: error, server: url }, 'registration not noted yet; it is tried again'));
  }
}

function parsed(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch {
    return undefined;
  }
}

/** A server that knows itself only as this machine is taken at the address that it dials from. */
export function reachable(address: string, from: string): MediaServerUrl {
  const url = new URL(address);
  const isNowhere = /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/.test(url.hostname);
  const dialler = from.replace(/^::ffff:/, '');
  if (isNowhere && dialler) url.hostname = dialler.includes(':') ? `[${dialler}]` : dialler;
  return asMediaServerUrl(url.href);
}
