import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { freePort } from './free-port.js';

export interface ReceivedEvent {
  id: string;
  type: string;
  room: string;
}

type Answer = 'taken' | 'refused' | 'taken and refused' | 'taken and cut off';

/** Half of them fail, the two worst ways included: it has the event, and the sender does not learn that. */
const unreliable: Answer[] = [
  ...(['taken', 'refused', 'taken', 'taken and refused', 'taken', 'taken and cut off'] as const),
];

/** Takes webhooks as a receiver should: checks the signature, and takes what has the same id once. */
export class WebhookReceiver {
  /** Of each room, in the order in which they came first. */
  readonly events = new Map<string, ReceivedEvent[]>();
  readonly figures = { requests: 0, refused: 0, takenAgain: 0, forged: 0 };
  #server: Server;
  readonly #ids = new Set<string>();

  private constructor(
    readonly port: number,
    readonly secret: string,
    private readonly answers: Answer[],
  ) {
    this.#server = this.#create();
  }

  static async start({
    secret,
    isReliable,
  }: {
    secret: string;
    isReliable: boolean;
  }): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(await freePort(), secret, isReliable ? ['taken'] : unreliable);
    await receiver.open();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hooks`;
  }

  async open(): Promise<void> {
    this.#server = this.#create();
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** What is under way is cut off. */
  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #create(): Server {
    return createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const answer = this.answers[this.figures.requests % this.answers.length];
    this.figures.requests += 1;
    if (!this.#isGenuine(String(request.headers['manycast-signature']), body)) this.figures.forged += 1;
    const event = JSON.parse(body) as ReceivedEvent;
    if (request.headers['idempotency-key'] !== event.id) this.figures.forged += 1;
    if (answer !== 'refused') this.#take(event);
    if (answer !== 'taken') this.figures.refused += 1;
    if (answer === 'taken and cut off') response.destroy();
    else response.writeHead(answer === 'taken' ? 204 : 500).end();
  }

  #take(event: ReceivedEvent): void {
    if (this.#ids.has(event.id)) {
      this.figures.takenAgain += 1;
      return;
    }
    this.#ids.add(event.id);
    this.events.set(event.room, [...(this.events.get(event.room) ?? []), event]);
  }

  #isGenuine(header: string, body: string): boolean {
    const parts = header.split(',').map(part => part.split('='));
    const t = parts.find(([name]) => name === 't')?.[1] ?? '';
    const expected = createHmac('sha256', this.secret).update(`${t}.${body}`).digest();
    return parts.some(([name, hex = '']) => {
      const given = Buffer.from(hex, 'hex');
      return name === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}
