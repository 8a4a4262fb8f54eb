import { once } from 'node:events';
import WebSocket from 'ws';
import type { Json } from './kurento-rpc.js';
import { waitFor } from './wait-for.js';

/** Answers come in milliseconds; this is for a loaded machine. */
const ANSWER_DEADLINE_MS = 10_000;

let barriers = 0;

/** One raw WebSocket to a signaling node: says exactly what it is told to say, and keeps everything it hears. */
export class WireClient {
  /** Every message, in the order they came. */
  readonly received: Json[] = [];
  /** Of the socket, whoever closed it. 1006: it was cut without a goodbye. */
  readonly closed: Promise<{ code: number; reason: string }>;
  onMessage: (message: Json) => void = () => undefined;
  readonly #returned = new Set<Json>();

  private constructor(readonly ws: WebSocket) {
    this.closed = new Promise(resolve => {
      ws.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    ws.on('error', () => undefined);
    ws.on('message', data => {
      const message = JSON.parse(data.toString());
      this.received.push(message);
      this.onMessage(message);
    });
  }

  /** `autoPong: false` makes a client that does not answer pings; `protocol` is the subprotocol it asks for. */
  static async open(
    url: string,
    { protocol, ...options }: { autoPong?: boolean; protocol?: string } = {},
  ): Promise<WireClient> {
    const ws = new WebSocket(url, protocol ? [protocol] : [], { perMessageDeflate: false, ...options });
    const client = new WireClient(ws);
    await once(ws, 'open');
    return client;
  }

  /** The HTTP status of a handshake that is refused. Throws when it is not. */
  static async refusedWith(url: string): Promise<number> {
    const ws = new WebSocket(url);
    ws.on('error', () => undefined);
    const status = await new Promise<number | undefined>(resolve => {
      ws.once('unexpected-response', (_request, response) => resolve(response.statusCode));
      ws.once('open', () => resolve(undefined));
    });
    ws.terminate();
    if (status === undefined) throw new Error(`${url} was accepted`);
    return status;
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  get ids(): string[] {
    return this.received.map(message => message.id);
  }

  send(message: object): void {
    this.ws.send(JSON.stringify(message));
  }

  /** Exactly this as one text (string) or binary (Buffer) frame. */
  sendFrame(frame: string | Buffer): void {
    this.ws.send(frame);
  }

  /** The first message of that id which no call before returned. */
  async next(id: string, timeoutMs = ANSWER_DEADLINE_MS): Promise<Json> {
    const message = await waitFor(
      `a message "${id}"`,
      () => this.received.find(candidate => candidate.id === id && !this.#returned.has(candidate)),
      { timeoutMs, intervalMs: 5, actual: () => this.ids },
    );
    this.#returned.add(message);
    return message;
  }

  /** Sends it and returns the first new message of that id. */
  ask(message: object, answerId: string, timeoutMs?: number): Promise<Json> {
    this.send(message);
    return this.next(answerId, timeoutMs);
  }

  /** When it resolves, everything that the node had said to this client before has been heard. */
  async barrier(): Promise<void> {
    const name = `barrier-${++barriers}`;
    this.send({ id: name });
    await waitFor('the answer to a barrier', () =>
      this.received.find(({ id, message }) => id === 'error' && String(message).includes(name)),
    );
  }

  /** The messages of an id, barriers' answers left out. */
  all(id: string): Json[] {
    return this.received.filter(
      message => message.id === id && !String(message.message ?? '').includes('"barrier-'),
    );
  }

  async close(): Promise<void> {
    this.ws.close();
    await this.closed;
  }

  /** Without a close frame, as a process that was killed leaves it. */
  async drop(): Promise<void> {
    this.ws.terminate();
    await this.closed;
  }
}
