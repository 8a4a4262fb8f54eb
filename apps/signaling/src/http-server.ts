import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger, Registry, Service } from '@manycast/runtime';
import express from 'express';
import type { Readiness } from './readiness.js';

export interface HttpServerOptions {
  host: string;
  port: number;
  pagesDir: string;
  readiness: Readiness;
  registry: Registry;
  log: Logger;
}

/** Pages, health and metrics; the WebSocket server takes its upgrades from the same port. */
export class HttpServer implements Service {
  readonly name = 'http';
  readonly server: Server;

  constructor(private readonly options: HttpServerOptions) {
    const { readiness, registry, pagesDir } = options;
    const app = express().disable('x-powered-by');
    app.get('/livez', (_request, response) => {
      response.json({ alive: true });
    });
    app.get('/readyz', (_request, response) => {
      const problems = readiness.problems();
      response.status(problems.length > 0 ? 503 : 200).json({ ready: problems.length === 0, problems });
    });
    app.get('/metrics', async (_request, response) => {
      response.type(registry.contentType).send(await registry.metrics());
    });
    app.post('/drain', (request, response) => {
      // For a preStop hook or an operator on this machine; from elsewhere it is nobody's business.
      if (!isLoopback(request.socket.remoteAddress)) return void response.status(403).end();
      response.status(202).json({ draining: true });
      process.kill(process.pid, 'SIGTERM');
    });
    app.use(express.static(pagesDir));
    this.server = createServer(app);
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

const isLoopback = (address = ''): boolean => /^(::1$|127\.|::ffff:127\.)/.test(address);
