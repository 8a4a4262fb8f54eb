import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { asMediaServerUrl, type MediaServerUrl } from '@manycast/protocol';
import { WebSocket, WebSocketServer } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Json = any;

/** Stands before a real server: counts what is asked of it, and cuts every connection on request. */
export class CountingProxy {
  readonly requests: { id: number; method: string; params: Json }[] = [];
  /** The server's answers are lost on their way. */
  losesAnswers = false;
  /** New connections are cut at once. */
  isClosed = false;
  readonly #server: WebSocketServer;
  readonly #target: string;

  private constructor(target: string, server: WebSocketServer) {
    this.#target = target;
    this.#server = server;
    server.on('connection', client => this.#join(client));
  }

  static async start(target: string): Promise<CountingProxy> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new CountingProxy(target, server);
  }

  get url(): MediaServerUrl {
    return asMediaServerUrl(`ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/kurento`);
  }

  /** The sessions that were spoken for here. */
  get sessions(): Set<string> {
    return new Set(this.requests.map(({ params }) => params?.sessionId).filter(Boolean));
  }

  cut(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise(done => this.#server.close(done));
  }

  #join(client: WebSocket): void {
    if (this.isClosed) return client.terminate();
    const server = new WebSocket(this.#target);
    const isOpen = once(server, 'open');
    client.on('message', async data => {
      this.requests.push(JSON.parse(data.toString()));
      await isOpen;
      server.send(data.toString());
    });
    server.on('message', data => {
      if (!this.losesAnswers) client.send(data.toString());
    });
    server.on('error', () => client.terminate());
    client.on('close', () => server.terminate());
    server.on('close', () => client.terminate());
  }
}
