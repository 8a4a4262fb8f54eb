import { once } from 'node:events';
import WebSocket from 'ws';
import { waitFor } from './wait-for.js';

/** Any JSON a server may answer; tests narrow it with `expect`. */
// biome-ignore lint/suspicious/noExplicitAny: a raw protocol client shows what came, whatever it is
export type Json = any;

export interface Reply {
  id?: string | number;
  jsonrpc?: string;
  result?: Json;
  error?: { code: number; message: string; data?: Json };
}

export interface Notification {
  method: string;
  params: { value: { type: string; object: string; data: Json } };
}

export class KurentoRpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data: Json,
  ) {
    super(`${code}: ${message}`);
  }
}

/** No call of a conformance case takes longer on a healthy server, a first endpoint included. */
const REPLY_DEADLINE_MS = 10_000;

/**
 * One raw WebSocket to a Kurento server. Nothing is added behind the caller's back: no ping, no
 * reconnect, no session id; request ids count from a random start, so that two sockets of one session
 * never meet in the server's reply cache by accident, and may be given for those that should.
 */
export class KurentoSocket {
  readonly notifications: Notification[] = [];
  /** Every reply, also those that nobody waits for. */
  readonly replies: Reply[] = [];
  readonly #listeners: ((notification: Notification) => void)[] = [];
  readonly #waiting = new Map<string | number, (reply: Reply) => void>();
  readonly #closed: Promise<{ code: number; reason: string }>;
  #nextId = Math.floor(Math.random() * 1e9) * 1_000;

  private constructor(readonly ws: WebSocket) {
    this.#closed = new Promise(resolve => {
      ws.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    ws.on('error', () => undefined);
    ws.on('message', data => this.#receive(JSON.parse(data.toString())));
  }

  static async open(url: string): Promise<KurentoSocket> {
    const ws = new WebSocket(url, { perMessageDeflate: false });
    const socket = new KurentoSocket(ws);
    await once(ws, 'open');
    return socket;
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  /** Resolves with the close code once the server, or we, closed it. */
  get closed(): Promise<{ code: number; reason: string }> {
    return this.#closed;
  }

  /** The reply as it came, error or result. */
  request(method: string, params?: Json, id: string | number = this.#nextId++): Promise<Reply> {
    const reply = new Promise<Reply>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`no reply to ${method} within ${REPLY_DEADLINE_MS} ms`));
      }, REPLY_DEADLINE_MS);
      this.#waiting.set(id, answer => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#closed.then(({ code }) => {
        clearTimeout(timer);
        reject(new Error(`the socket closed (${code}) before ${method} was answered`));
      });
    });
    this.sendFrame(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return reply;
  }

  /** The result; an error reply is thrown as KurentoRpcError. */
  async call(method: string, params?: Json, id?: string | number): Promise<Json> {
    const { result, error } = await this.request(method, params, id);
    if (error) throw new KurentoRpcError(error.code, error.message, error.data);
    return result;
  }

  /** Exactly these bytes as one text (or binary) frame. */
  sendFrame(frame: string | Buffer): void {
    this.ws.send(frame);
  }

  /** The reply to a frame sent by hand, by its id (null and missing ids count as given). */
  replyTo(id: unknown): Promise<Reply> {
    return waitFor(`a reply with id ${id}`, () => this.replies.find(reply => (reply.id ?? null) === id));
  }

  /** For what must react while the case goes on; `notifications` keeps all the same. */
  onNotification(listener: (notification: Notification) => void): void {
    this.#listeners.push(listener);
  }

  events(type: string, object?: string): Json[] {
    return this.notifications
      .map(({ params }) => params.value)
      .filter(value => value.type === type && (object === undefined || value.object === object))
      .map(value => value.data);
  }

  /** The data of the first event of that type which matches. */
  event(
    type: string,
    object?: string,
    matches: (data: Json) => boolean = () => true,
    timeoutMs = 10_000,
  ): Promise<Json> {
    return waitFor(`event ${type}`, () => this.events(type, object).find(matches), {
      timeoutMs,
      actual: () => this.notifications.map(({ params }) => params.value.type),
    });
  }

  async close(): Promise<void> {
    this.ws.close();
    await this.#closed;
  }

  /** Without a close frame, as a process that was killed leaves it. */
  async drop(): Promise<void> {
    this.ws.terminate();
    await this.#closed;
  }

  #receive(message: Reply | Notification): void {
    if ('method' in message) {
      this.notifications.push(message);
      for (const listener of this.#listeners) listener(message);
      return;
    }
    this.replies.push(message);
    const { id } = message;
    if (id === undefined || id === null) return;
    this.#waiting.get(id)?.(message);
    this.#waiting.delete(id);
  }
}
