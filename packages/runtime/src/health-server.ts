import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { type CertificateFiles, readCertificate } from './certificate.js';
import { healthRoutes } from './health-routes.js';
import type { Logger } from './logger.js';
import type { Readiness } from './readiness.js';
import type { Service } from './service.js';

/** Connections that wait to be accepted; more are reset. Node’s own 511 are fewer than come in a burst. The system may allow less. */
const backlog = 4_096;

export interface HealthServerOptions {
  host: string;
  port: number;
  readiness: Readiness;
  /** Undefined: its metrics are served elsewhere. */
  registry?: Registry | undefined;
  log: Logger;
  /** Speaks TLS; files that are replaced are read again within a minute. */
  tls?: CertificateFiles | undefined;
  /** A connection that has not said what it wants by then is closed. Default: as Node.js does it. */
  handshakeTimeoutMs?: number;
  /** Called when one was. */
  onHandshakeTimeout?(): void;
  /** Answers what is neither health nor metrics; 404 without it. */
  otherwise?: (request: IncomingMessage, response: ServerResponse) => void;
}

const renewalMs = 60_000;

/** The HTTP of a process: its health and metrics, and whatever else it serves. */
export class HealthServer implements Service {
  readonly name = 'http';
  readonly server: Server;
  private renewal: NodeJS.Timeout | undefined;

  constructor(private readonly options: HealthServerOptions) {
    const routes = healthRoutes(options);
    const otherwise = options.otherwise ?? ((_request, response) => void response.writeHead(404).end());
    const { handshakeTimeoutMs: headersTimeout, onHandshakeTimeout } = options;
    const timeouts = headersTimeout && {
      headersTimeout,
      requestTimeout: 2 * headersTimeout,
      connectionsCheckingInterval: Math.max(50, headersTimeout / 4),
    };
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      if (!routes(request, response)) otherwise(request, response);
    };
    this.server = options.tls
      ? createSecureServer(
          { ...timeouts, ...readCertificate(options.tls), handshakeTimeout: headersTimeout },
          answer,
        )
      : createServer({ ...timeouts }, answer);
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
      this.server.listen({ port, host, backlog }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    const { tls } = this.options;
    if (tls) this.renewal = setInterval(() => this.renew(tls), renewalMs).unref();
    log.info({ host, port: (this.server.address() as AddressInfo).port }, 'listening');
  }

  async stop(): Promise<void> {
    clearInterval(this.renewal);
    const closed = new Promise<void>(resolve => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  /** Connections that are open keep the certificate that they began with. */
  private renew(tls: CertificateFiles): void {
    try {
      (this.server as SecureServer).setSecureContext(readCertificate(tls));
    } catch (error) {
      this.options.log.error({ err: error }, 'certificate not read; the old one stays');
    }
  }
}
