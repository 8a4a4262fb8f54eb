import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry, Service } from '@manycast/runtime';
import { answerFailOrders } from './failures/fail-route.js';
import type { Failures } from './failures/failures.js';

export interface HttpServerOptions {
  host: string;
  port: number;
  registry: () => Registry;
  /** Takes orders to fail; without it there is no such path. */
  failures?: Failures;
}

/** Listens; answers health checks and metrics. The control connections arrive here as upgrades. */
export class HttpServer implements Service {
  readonly name = 'http';
  readonly server: Server;
  readonly #options: HttpServerOptions;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** The port that is listened on: the one asked for, or the one the system chose for 0. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.#options.port, this.#options.host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  stop(): Promise<void> {
    return new Promise(resolve => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { failures } = this.#options;
    if (failures && request.url === '/fail') return answerFailOrders(failures, request, response);
    switch (request.url?.split('?')[0]) {
      // There is nothing to wait for: a process that answers can also take requests.
      case '/livez':
      case '/readyz':
        response.end('ok\n');
        return;
      case '/metrics': {
        const registry = this.#options.registry();
        response.setHeader('content-type', registry.contentType);
        response.end(await registry.metrics());
        return;
      }
      default:
        response.statusCode = 404;
        response.end('not found\n');
    }
  }
}
