import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Logger, type Service, writeOncePerTurn } from '@manycast/runtime';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Failures } from '../failures/failures.js';
import type { SessionId } from '../sessions/ids.js';
import { SocketBindings } from '../sessions/socket-bindings.js';
import type { Dispatcher } from './dispatcher.js';
import { KurentoSocket } from './kurento-socket.js';

const path = '/kurento';
/** What clients are given to answer a close before they are cut off. */
const closingMs = 200;

export interface KurentoServerOptions {
  http: Server;
  maxFrameBytes: number;
  maxSockets: number;
  maxUnsentBytes: number;
  failures: Failures;
  log: Logger;
}

/** Accepts control connections on the HTTP server's port. */
export class KurentoServer implements Service {
  readonly name = 'kurento';
  readonly #options: KurentoServerOptions;
  readonly #bindings = new SocketBindings<KurentoSocket>();
  readonly #webSockets: WebSocketServer;
  #dispatcher: Dispatcher | undefined;

  constructor(options: KurentoServerOptions) {
    this.#options = options;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxFrameBytes,
      perMessageDeflate: false,
    });
  }

  /** Answers requests with this from now on. */
  use(dispatcher: Dispatcher): void {
    this.#dispatcher = dispatcher;
  }

  get socketCount(): number {
    return this.#webSockets.clients.size;
  }

  hasSocket(session: SessionId): boolean {
    return this.#bindings.socketOf(session) !== undefined;
  }

  /** Lost when no socket speaks for the session at this moment. */
  send(session: SessionId, text: string): void {
    if (!this.#options.failures.isSilent) this.#bindings.socketOf(session)?.send(text);
  }

  /** Ends every control socket without a goodbye. */
  drop(): void {
    for (const client of this.#webSockets.clients) client.terminate();
  }

  async start(): Promise<void> {
    this.#options.http.on('upgrade', this.#upgrade);
  }

  async stop(): Promise<void> {
    this.#options.http.off('upgrade', this.#upgrade);
    const clients = [...this.#webSockets.clients];
    const allClosed = Promise.all(
      clients.map(client => new Promise(resolve => client.once('close', resolve))),
    );
    for (const client of clients) client.close(1001, 'the media server stops');
    const cut = setTimeout(() => {
      for (const client of clients) client.terminate();
    }, closingMs);
    await allClosed;
    clearTimeout(cut);
    this.#webSockets.close();
  }

  readonly #upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (this.#options.failures.isDeaf) return refuse(socket);
    if (this.socketCount >= this.#options.maxSockets) {
      this.#options.log.warn(
        { maxSockets: this.#options.maxSockets },
        'no more control sockets are accepted',
      );
      return refuse(socket);
    }
    this.#webSockets.handleUpgrade(request, socket, head, webSocket => {
      writeOncePerTurn(socket);
      this.#accept(webSocket, request);
    });
  };

  #accept(webSocket: WebSocket, request: IncomingMessage): void {
    if (request.url?.split('?')[0] !== path || !this.#dispatcher) {
      webSocket.close(1002, 'Invalid path');
      return;
    }
    new KurentoSocket({
      webSocket,
      dispatcher: this.#dispatcher,
      bindings: this.#bindings,
      maxUnsentBytes: this.#options.maxUnsentBytes,
      failures: this.#options.failures,
      log: this.#options.log.child({ client: request.socket.remoteAddress }),
    });
  }
}

const refuse = (socket: Duplex): void =>
  void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
