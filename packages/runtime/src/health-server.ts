import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { healthRoutes } from './health-routes.js';
import type { Logger } from './logger.js';
import type { Readiness } from './readiness.js';
import type { Service } from './service.js';

export interface HealthServerOptions {
  host: string;
  port: number;
  readiness: Readiness;
  registry: Registry;
  log: Logger;
  /** A connection that has not said what it wants by then is closed. Default: as Node.js does it. */
  handshakeTimeoutMs?: number;
  /** Called when one was. */
  onHandshakeTimeout?(): void;
  /** Answers what is neither health nor metrics; 404 without it. */
  otherwise?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** The HTTP of a process: its health and metrics, and whatever else it serves. */
export class HealthServer implements Service {
  readonly name = 'http';
  readonly server: Server;

  constructor(private readonly options: HealthServerOptions) {
    const routes = healthRoutes(options);
    const otherwise = options.otherwise ?? ((_request, response) => void response.writeHead(404).end());
    const { handshakeTimeoutMs: headersTimeout, onHandshakeTimeout } = options;
    const timeouts = headersTimeout && {
      headersTimeout,
      requestTimeout: 2 * headersTimeout,
      connectionsCheckingInterval: Math.max(50, headersTimeout / 4),
    };
    this.server = createServer({ ...timeouts }, (request, response) => {
      if (!routes(request, response)) otherwise(request, response);
    });
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
      if (isLate) onHandshakeTimeout?.();
      if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
      socket.end(
        `HTTP/1.1 ${isLate ? '408 Request Timeout' : '400 Bad Request'}\r\nConnection: close\r\n\r\n`,
      );
    });
  }

  async start(): Promise<void> {
    const { host, port, log } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    log.info({ host, port: (this.server.address() as AddressInfo).port }, 'listening');
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>(resolve => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}
