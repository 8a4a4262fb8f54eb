import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

export interface Reply {
  id: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
  result?: any;
  error?: { code: number; message: string; data?: { type: string } };
}

export interface Notification {
  object: string;
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the members depend on the type
  data: any;
}

/** A raw JSON-RPC client for tests: nothing is hidden, nothing is repeated, everything that arrives is kept. */
export class RpcClient {
  readonly events: Notification[] = [];
  readonly replies: Reply[] = [];
  readonly #waiting = new Set<() => void>();
  /** Random, since the server remembers the ids of a session that another client used before. */
  readonly #idPrefix = randomUUID();
  #nextId = 1;
  isClosed = false;

  private constructor(readonly webSocket: WebSocket) {
    webSocket.on('message', data => {
      const message = JSON.parse(data.toString());
      if (message.method === 'onEvent') this.events.push(message.params.value);
      else this.replies.push(message);
      this.#check();
    });
    webSocket.on('error', () => {});
    webSocket.on('close', () => {
      this.isClosed = true;
      this.#check();
    });
  }

  static async open(url: string): Promise<RpcClient> {
    const client = new RpcClient(new WebSocket(url));
    await new Promise((resolve, reject) => {
      client.webSocket.once('open', resolve);
      client.webSocket.once('error', reject);
    });
    return client;
  }

  /** Sends a request and waits for the answer to it. */
  async request(
    method: string,
    params?: object,
    id: unknown = `${this.#idPrefix}-${this.#nextId++}`,
  ): Promise<Reply> {
    const before = this.replies.length;
    this.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return this.reply(id, before);
  }

  /** The result; fails the test if it was an error. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
  async result(method: string, params?: object): Promise<any> {
    const { result, error } = await this.request(method, params);
    if (error) throw new Error(`${method} was refused: ${error.code} ${error.message}`);
    return result;
  }

  /** The value that an operation of an object returns. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
  async invoke(object: string, operation: string, operationParams?: object): Promise<any> {
    return (await this.result('invoke', { object, operation, operationParams })).value;
  }

  /** The error code; 0 if it was none. */
  async errorCode(method: string, params?: object): Promise<number> {
    return (await this.request(method, params)).error?.code ?? 0;
  }

  send(frame: string): void {
    this.webSocket.send(frame);
  }

  async reply(id: unknown, from = 0): Promise<Reply> {
    const find = () => this.replies.slice(from).find(reply => reply.id === id);
    await this.until(() => find() !== undefined || this.isClosed);
    const reply = find();
    if (!reply) throw new Error('the socket was closed instead of an answer');
    return reply;
  }

  async event(type: string, object?: string): Promise<Notification> {
    const find = () => this.events.find(event => event.type === type && (!object || event.object === object));
    await this.until(() => find() !== undefined);
    return find() as Notification;
  }

  /** Waits for what arrives to make the condition true. */
  async until(condition: () => boolean, deadlineMs = 5_000): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`not within ${deadlineMs} ms`));
      }, deadlineMs);
      const check = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
    });
  }

  async close(): Promise<void> {
    this.webSocket.close();
    await this.until(() => this.isClosed);
  }

  #check(): void {
    for (const check of [...this.#waiting]) check();
  }
}
