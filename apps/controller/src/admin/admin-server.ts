import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger, Service } from '@manycast/runtime';

export interface AdminServerOptions {
  host: string;
  port: number;
  app: RequestListener;
  log: Logger;
}

/** What a stopping process waits for answers that are under way. */
const lastAnswersMs = 2_000;

/** The admin API's own listener: what operators reach is not what probes and scrapers reach. */
export class AdminServer implements Service {
  readonly name = 'admin API';
  readonly server: Server;

  constructor(private readonly options: AdminServerOptions) {
    this.server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, options.app);
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
    log.info({ host, port: (this.server.address() as AddressInfo).port }, 'admin API listening');
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>(resolve => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    const impatience = setTimeout(() => this.server.closeAllConnections(), lastAnswersMs);
    await closed;
    clearTimeout(impatience);
  }
}
