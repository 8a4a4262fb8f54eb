import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { asMediaServerUrl, type MediaServerUrl } from '@manycast/protocol';
import { type WebSocket, WebSocketServer } from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: JSON as it came
type Json = any;

export interface Request {
  id: number;
  method: string;
  params: Json;
  /** 0 for the first socket that ever connected. */
  socket: number;
}

/** Answers instead of the default: a value, an error thrown, or a promise that never settles. */
export type Script = (params: Json, request: Request) => Json;

export class ScriptedError extends Error {
  constructor(readonly code: number) {
    super(`error ${code}`);
  }
}

export const never = new Promise<never>(() => {});

/** A promise and what settles it. */
export function held<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>(settle => {
    resolve = settle;
  });
  return { promise, resolve };
}

/**
 * A server that speaks enough of Kurento's JSON-RPC to be wrong on purpose: errors where a test says so,
 * replies late or never, links dead in every way. What a healthy server does is tested on a real one.
 */
export class ScriptedServer {
  readonly requests: Request[] = [];
  /** By method, or by `invoke` operation. */
  readonly scripts = new Map<string, Script>();
  readonly sessions = new Set<string>();
  readonly released: string[] = [];
  serverId = randomUUID();
  modules = ['core', 'elements', 'filters'];
  answersPings = true;
  pings = 0;
  /** Sockets whose pong waits, as on a server that is in the middle of a request. */
  readonly busySockets = new Set<number>();
  readonly sockets: WebSocket[] = [];
  #server: WebSocketServer | undefined;
  #port = 0;

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    await server.listen();
    return server;
  }

  get url(): MediaServerUrl {
    return asMediaServerUrl(`ws://127.0.0.1:${this.#port}/kurento`);
  }

  async listen(): Promise<void> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: this.#port, autoPong: false });
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    server.on('connection', socket => this.#accept(socket));
  }

  requestsOf(method: string): Request[] {
    return this.requests.filter(request => request.method === method);
  }

  /** The operations of every transaction, as `method` or as the invoked operation. */
  operationsOf(transaction: Request): string[] {
    return transaction.params.operations.map(
      (operation: Json) => operation.params.operation ?? operation.method,
    );
  }

  send(socket: number, message: Json): void {
    this.sockets[socket]?.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  sendEvent(socket: number, object: string, type: string, data: Json = {}): void {
    this.send(socket, {
      jsonrpc: '2.0',
      method: 'onEvent',
      params: { value: { object, type, data: { source: object, type, tags: [], ...data } } },
    });
  }

  /** Without a close frame. */
  dropAll(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  async stop(): Promise<void> {
    this.dropAll();
    await new Promise(done => this.#server?.close(done) ?? done(undefined));
    this.#server = undefined;
  }

  /** Another process at the same address. */
  async restart(): Promise<void> {
    await this.stop();
    this.serverId = randomUUID();
    this.sessions.clear();
    await this.listen();
  }

  #accept(socket: WebSocket): void {
    const index = this.sockets.push(socket) - 1;
    socket.on('ping', () => {
      this.pings++;
      if (this.answersPings && !this.busySockets.has(index)) socket.pong();
    });
    socket.on('message', async data => {
      const message = JSON.parse(data.toString());
      const request: Request = { ...message, socket: index };
      this.requests.push(request);
      const reply = await this.#answer(request.method, request.params ?? {}, request);
      if (socket.readyState === socket.OPEN)
        socket.send(JSON.stringify({ jsonrpc: '2.0', id: request.id, ...reply }));
    });
  }

  async #answer(method: string, params: Json, request: Request): Promise<Json> {
    try {
      const script = this.scripts.get(method === 'invoke' ? params.operation : method);
      const result = script ? await script(params, request) : await this.#behave(method, params, request);
      return { result: { ...result, sessionId: this.#session(params) } };
    } catch (error) {
      if (!(error instanceof ScriptedError)) throw error;
      return { error: { code: error.code, message: error.message, data: { type: 'SCRIPTED' } } };
    }
  }

  #session(params: Json): string {
    params.sessionId ??= randomUUID();
    this.sessions.add(params.sessionId);
    return params.sessionId;
  }

  async #behave(method: string, params: Json, request: Request): Promise<Json> {
    switch (method) {
      case 'connect':
        if (params.sessionId && !this.sessions.has(params.sessionId)) throw new ScriptedError(40007);
        return { serverId: this.serverId };
      case 'describe':
        return {
          type: 'ServerManager',
          qualifiedType: 'kurento.ServerManager',
          hierarchy: ['kurento.MediaObject'],
        };
      case 'create':
        return { value: `${randomUUID()}_kurento.${params.type}` };
      case 'subscribe':
        return { value: randomUUID() };
      case 'release':
        this.released.push(params.object);
        return {};
      case 'unsubscribe':
      case 'ref':
      case 'unref':
        return {};
      case 'invoke':
        if (params.operation === 'getInfo')
          return { value: { version: '7.3.0', modules: this.modules.map(name => ({ name })) } };
        if (params.operation === 'processOffer') return { value: 'v=0\r\ns=answer\r\n' };
        return {};
      case 'transaction':
        return { value: await this.#transact(params.operations, request) };
      default:
        throw new ScriptedError(40008);
    }
  }

  async #transact(operations: Json[], request: Request): Promise<Json[]> {
    const { sessionId } = request.params;
    const answers: Json[] = [];
    for (const { id, method, params } of operations) {
      const text = JSON.stringify(params).replace(/"newref:(\d+)"/g, (_, ref) =>
        JSON.stringify(answers[ref].result.value),
      );
      answers.push({
        id,
        jsonrpc: '2.0',
        ...(await this.#answer(method, { ...JSON.parse(text), sessionId }, request)),
      });
      if (answers.at(-1).error) break;
    }
    return answers;
  }
}
