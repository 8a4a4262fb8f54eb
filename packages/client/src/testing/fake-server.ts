import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ClientMessage, ServerMessage, Welcome } from '@manycast/protocol';
import { subprotocol } from '@manycast/protocol/wire';
import { type WebSocket, WebSocketServer } from 'ws';
import { Inbox } from './inbox.js';

type Received<Id extends ClientMessage['id']> = Extract<ClientMessage, { id: Id }>;

/** A node of the cluster that does exactly what a test tells it, over real sockets. It answers pings by itself. */
export class FakeServer {
  /** Sent to every socket; `undefined` lets a test send its own, or none. */
  welcome: Partial<Welcome> | undefined = {};
  answersPings = true;
  readonly sockets: FakeSocket[] = [];
  readonly #arrivals = new Inbox<FakeSocket>();

  private constructor(
    readonly name: string,
    private readonly server: WebSocketServer,
  ) {
    server.on('connection', ws => {
      const socket = new FakeSocket(this, ws, this.sockets.length + 1);
      this.sockets.push(socket);
      if (this.welcome) socket.greet(this.welcome);
      this.#arrivals.put(socket);
    });
  }

  static async start(name = 'node-a'): Promise<FakeServer> {
    const handleProtocols = (offered: Set<string>) => offered.has(subprotocol) && subprotocol;
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols });
    await once(server, 'listening');
    return new FakeServer(name, server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next socket that nobody has asked for yet. */
  accepts = (): Promise<FakeSocket> => this.#arrivals.take(() => true, `a socket on ${this.name}`);

  /** The process is gone: sockets break, and no new one is accepted. */
  kill(): void {
    this.server.close();
    for (const socket of this.sockets) socket.kill();
  }
}

export class FakeSocket {
  readonly seen: ClientMessage[] = [];
  readonly #inbox = new Inbox<ClientMessage>();
  readonly closed: Promise<number>;

  constructor(
    private readonly server: FakeServer,
    private readonly ws: WebSocket,
    readonly number: number,
  ) {
    this.closed = new Promise(resolve => ws.on('close', resolve));
    ws.on('message', data => {
      const message = JSON.parse(String(data)) as ClientMessage;
      if (message.id === 'ping') return this.server.answersPings && this.send({ id: 'pong' });
      this.seen.push(message);
      this.#inbox.put(message);
    });
  }

  greet(welcome: Partial<Welcome>): void {
    const mine = `${this.server.name}-${this.number}`;
    const { name } = this.server;
    const whole: Welcome = {
      id: 'welcome',
      session: `session-${mine}`,
      resumeToken: `token-${mine}`,
      node: name,
      nodes: [],
      heartbeatMs: 10_000,
      iceServers: [],
      ...welcome,
    };
    this.send(whole);
  }

  /** The next message of this id; others that came before it stay. */
  receives<Id extends ClientMessage['id']>(id: Id): Promise<Received<Id>> {
    return this.#inbox.take(
      message => message.id === id,
      `${id} on socket ${this.number} of ${this.server.name}`,
    ) as Promise<Received<Id>>;
  }

  get isOpen(): boolean {
    return this.ws.readyState === this.ws.OPEN;
  }

  send(message: ServerMessage): void {
    this.ws.send(JSON.stringify(message));
  }

  sendRaw(frame: string): void {
    this.ws.send(frame);
  }

  /** As a reset of the connection: no close frame. */
  kill(): void {
    this.ws.terminate();
  }

  close(code: number): void {
    this.ws.close(code);
  }
}
